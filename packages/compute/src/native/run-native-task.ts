import { isJsonArray, JsonNumber, type KeyedChain, keyedChainFromText, parseJson, sliceKeyedChain } from "@alchemiscale/gufe";
import { decompressZstd, zstdContentSize } from "@alchemiscale/gufe/zstd";
import { type ExecutedDag, executeHarmonicDag } from "./execute-harmonic-dag.ts";
import { createHarmonicDag } from "./harmonic-dag.ts";
import { InvalidHarmonicInput, objectOf, readHarmonicInput, referenceOf } from "./harmonic-input.ts";

export interface NativeTask {
  /** Name of the DAG: the Task's ScopedKey. */
  readonly name: string;
  readonly transformation: string;
  readonly extended: Uint8Array | null;
  readonly retries: number;
  readonly seed: string | null;
}

/** Results of the native protocol are small; anything near this is none of them. */
const largestExtended = 256 * 1024 * 1024;

/**
 * From a Transformation and the result it extends to a ProtocolDAGResult. Throws where no ProtocolDAG can be made: an unreadable
 * chain (`GufeError`), another Protocol or settings out of range ({@link InvalidHarmonicInput}).
 */
export async function runNativeTask(task: NativeTask): Promise<ExecutedDag> {
  const chain = sliceKeyedChain(task.transformation);
  const dag = createHarmonicDag(chain, readHarmonicInput(chain), {
    name: task.name,
    extends: task.extended === null ? null : readExtended(task.extended),
  });
  return executeHarmonicDag(dag, { retries: task.retries, ...(task.seed === null ? {} : { seed: task.seed }) });
}

/** Key and generation of the result that is gone on from. */
function readExtended(bytes: Uint8Array): { key: string; generation: number } {
  const chain = storedChain(bytes);
  const units = objectOf(parseJson(chain.root.text), chain.root.key).get("protocol_unit_results");
  if (!isJsonArray(units)) throw new InvalidHarmonicInput("extends", "is not a ProtocolDAGResult");
  const generations = units.map((unit) => {
    const key = referenceOf(unit, "extends.protocol_unit_results");
    const entry = chain.entries.find((candidate) => candidate.key === key);
    if (entry?.qualname !== "ProtocolUnitResult") return -1;
    const dict = objectOf(parseJson(entry.text), key);
    const generation = objectOf(dict.get("outputs"), `${key}.outputs`).get("generation");
    return dict.get("name") === "setup" && generation instanceof JsonNumber ? generation.toNumber() : -1;
  });
  return { key: chain.root.key, generation: Math.max(-1, ...generations) };
}

/** A stored result: a zstd frame of a keyed chain, or the oldest form, JSON of the nested dict (compute-api §4). */
function storedChain(bytes: Uint8Array): KeyedChain {
  const isZstd = zstdContentSize(bytes.subarray(0, 18)) !== undefined;
  const text = new TextDecoder().decode(isZstd ? decompressZstd(bytes, { maxBytes: largestExtended }) : bytes);
  return keyedChainFromText(text);
}
