import { parseJson, pythonString, verifyKey, writeJson } from "@alchemiscale/gufe";
import { reference, type } from "./chain-writer.ts";
import { randomNumbers } from "./random-numbers.ts";

/**
 * The keyed chain of a ProtocolDAGResult with successful units, whose outputs are together about `bytes` random bytes as gufe's codec writes
 * them: Latin-1 characters in ASCII escapes, 3.5 characters of text a byte. The same size and seed give the same text.
 */
export function syntheticResult(bytes: number, options: { readonly seed?: number; readonly units?: number } = {}): string {
  const { seed = 1, units = 1 } = options;
  const random = randomNumbers(seed);
  const pairs: string[] = [];
  const unitKeys: string[] = [];
  const resultKeys: string[] = [];
  for (let i = 0; i < units; i += 1) {
    const unit = `SimulationUnit-${random.hex(32)}`;
    const result = `ProtocolUnitResult-${random.hex(32)}`;
    const data = randomText(Math.ceil(bytes / units), seed * units + i);
    pairs.push(`["${unit}", ${unitText(unit)}]`, `["${result}", ${unitResultText(result, unit, data)}]`);
    unitKeys.push(unit);
    resultKeys.push(result);
  }
  const dag = pythonText({
    name: "bench",
    protocol_units: unitKeys.map(reference),
    protocol_unit_results: resultKeys.map(reference),
    transformation_key: `Transformation-${random.hex(32)}`,
    extends_key: null,
    ...type("ProtocolDAGResult", "gufe.protocols.protocoldag"),
  });
  const { computed } = verifyKey({ key: "ProtocolDAGResult-", text: dag });
  return `[${pairs.join(", ")}, ["${computed}", ${dag}]]`;
}

function unitText(key: string): string {
  return pythonText({ inputs: {}, name: "simulation", _key: key, ...type("SimulationUnit", "bench_protocols") });
}

function unitResultText(key: string, unit: string, data: string): string {
  const at = (second: number) => ({
    __class__: "datetime",
    __module__: "datetime",
    ":is_custom:": true,
    isotime: `2026-03-02T04:45:0${second}.234567`,
  });
  return pythonText({
    name: "simulation",
    _key: key,
    source_key: unit,
    inputs: {},
    outputs: { array: { __class__: "bytes", __module__: "builtins", ":is_custom:": true, "latin-1": "DATA" } },
    stderr: {},
    stdout: {},
    start_time: at(2),
    end_time: at(3),
    ...type("ProtocolUnitResult", "gufe.protocols.protocolunit"),
  }).replace('"DATA"', () => pythonString(data));
}

function pythonText(dict: Readonly<Record<string, unknown>>): string {
  return writeJson(parseJson(JSON.stringify(dict)));
}

function randomText(bytes: number, seed: number): string {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  // xorshift32: fast enough for many MiB.
  let state = seed * 2654435761 || 1;
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer, 0, bytes).toString("latin1");
}
