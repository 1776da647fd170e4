/** Bytes as strings: one character U+0000…U+00FF a byte. (spec/gufe.md §1.7) */
import { ShapeError } from "../errors.ts";

/** The bytes that a string stands for. Throws `ShapeError` for text above U+00FF. (`TextDecoder("latin1")` is another encoding.) */
export function latin1ToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff)
      throw new ShapeError("not-latin-1", `character ${i}`, "A string that stands for bytes holds text beyond U+00FF");
    bytes[i] = code;
  }
  return bytes;
}

/** The string that stands for bytes. */
export function bytesToLatin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  // String.fromCharCode takes its arguments on the stack: a piece at a time.
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join("");
}
