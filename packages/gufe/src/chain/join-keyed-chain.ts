import { pythonString } from "../json/python-string.ts";

/**
 * The JSON text of the chain of `entries`, in their order, in pieces: `[["k", {…}], …]`. Each entry's text goes out with its
 * own characters. The root must come last, and dependencies before dependents.
 */
export function* joinKeyedChainChunks(entries: Iterable<{ readonly key: string; readonly text: string }>): Generator<string> {
  let before = "[[";
  for (const { key, text } of entries) {
    yield `${before}${pythonString(key)}, `;
    yield text;
    before = "], [";
  }
  yield before === "[[" ? "[]" : "]]";
}

/** The same as one text. Throws a `RangeError` beyond the longest string of the runtime (512 MiB in V8). */
export function joinKeyedChain(entries: Iterable<{ readonly key: string; readonly text: string }>): string {
  return [...joinKeyedChainChunks(entries)].join("");
}
