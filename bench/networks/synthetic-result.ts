import { parseJson, pythonString, verifyKey, writeJson } from "@alchemiscale/gufe";
import { randomNumbers } from "./random-numbers.ts";

/**
 * The keyed chain of a ProtocolDAGResult with one successful unit, whose output is `bytes` random bytes as gufe's codec writes
 * them: Latin-1 characters in ASCII escapes, 3.5 characters of text a byte. The same size and seed give the same text.
 */
export function syntheticResult(bytes: number, seed = 1): string {
  const random = randomNumbers(seed);
  const unit = `SimulationUnit-${random.hex(32)}`;
  const unitResult = `ProtocolUnitResult-${random.hex(32)}`;
  const data = randomText(bytes, seed);
  const at = (second: number) => ({
    __class__: "datetime",
    __module__: "datetime",
    ":is_custom:": true,
    isotime: `2026-03-02T04:45:0${second}.234567`,
  });
  const unitText = pythonText({ inputs: {}, name: "simulation", _key: unit, ...type("SimulationUnit", "bench_protocols") });
  const resultText = pythonText({
    name: "simulation",
    _key: unitResult,
    source_key: unit,
    inputs: {},
    outputs: { array: { __class__: "bytes", __module__: "builtins", ":is_custom:": true, "latin-1": "DATA" } },
    stderr: {},
    stdout: {},
    start_time: at(2),
    end_time: at(3),
    ...type("ProtocolUnitResult", "gufe.protocols.protocolunit"),
  }).replace('"DATA"', () => pythonString(data));
  const dagText = pythonText({
    name: "bench",
    protocol_units: [{ ":gufe-key:": unit }],
    protocol_unit_results: [{ ":gufe-key:": unitResult }],
    transformation_key: `Transformation-${random.hex(32)}`,
    extends_key: null,
    ...type("ProtocolDAGResult", "gufe.protocols.protocoldag"),
  });
  const { computed } = verifyKey({ key: "ProtocolDAGResult-", text: dagText });
  return `[["${unit}", ${unitText}], ["${unitResult}", ${resultText}], ["${computed}", ${dagText}]]`;
}

function pythonText(dict: Readonly<Record<string, unknown>>): string {
  return writeJson(parseJson(JSON.stringify(dict)));
}

function type(qualname: string, module: string) {
  return { __qualname__: qualname, __module__: module, ":version:": 1 };
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
