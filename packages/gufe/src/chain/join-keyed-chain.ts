import { pythonString } from "../json/python-string.ts";
import { type PackedObjects, packedBytes } from "./packed-objects.ts";

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

const chunkBytes = 65_536;
const encoder = new TextEncoder();

/** The same of packed ones, as UTF-8 in chunks of some 64 KiB; a longer text is a chunk of its own, in place. */
export function* joinPackedChunks(packed: PackedObjects): Generator<Uint8Array> {
  let chunk = new Uint8Array(chunkBytes);
  let filled = 0;
  for (const [i, key] of packed.keys.entries()) {
    const head = encoder.encode(`${i === 0 ? "[[" : "], ["}${pythonString(key)}, `);
    for (const piece of [head, packedBytes(packed, i)]) {
      if (filled > 0 && filled + piece.length > chunkBytes) {
        yield chunk.subarray(0, filled);
        chunk = new Uint8Array(chunkBytes);
        filled = 0;
      }
      if (piece.length > chunkBytes) yield piece;
      else {
        chunk.set(piece, filled);
        filled += piece.length;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
  yield encoder.encode(packed.keys.length === 0 ? "[]" : "]]");
}
