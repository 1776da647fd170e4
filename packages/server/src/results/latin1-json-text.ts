/** Bytes as the JSON text that Python clients read: a string with one character, U+0000 to U+00FF, for each byte. */

const quote = new Uint8Array([0x22]);

/** The JSON string of the bytes, quotes included, as UTF-8 in chunks. */
export async function* latin1JsonText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield quote;
  for await (const chunk of bytes) {
    // Characters up to U+00FF are never split by a chunk, nor does any need its neighbour.
    const text = JSON.stringify(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1"));
    yield Buffer.from(text.slice(1, -1));
  }
  yield quote;
}
