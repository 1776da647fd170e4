/**
 * Bytes as the inside of a JSON string in UTF-8, each byte the character U+0000–U+00FF of its value. Characters above U+007F are
 * written as they are, two bytes, instead of the six of an escape.
 */
export function escapeLatin1(bytes: Uint8Array): Buffer {
  const escaped = Buffer.allocUnsafe(bytes.length * 6);
  let at = 0;
  for (const byte of bytes) {
    if (byte >= 0x80) {
      escaped[at++] = 0xc0 | (byte >> 6);
      escaped[at++] = 0x80 | (byte & 0x3f);
    } else if (byte < 0x20) {
      at += escaped.write(`\\u00${byte.toString(16).padStart(2, "0")}`, at, "latin1");
    } else {
      if (byte === 0x22 || byte === 0x5c) escaped[at++] = 0x5c;
      escaped[at++] = byte;
    }
  }
  return escaped.subarray(0, at);
}
