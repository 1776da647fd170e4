/** The first bytes of a stream tell whether it is compressed. */

const frameMagic = [0x28, 0xb5, 0x2f, 0xfd] as const;

/** The stream as a whole, and whether it begins as a zstd frame does. */
export async function peeked(
  source: AsyncGenerator<Uint8Array>,
): Promise<{ readonly isFrame: boolean; readonly all: AsyncGenerator<Uint8Array> }> {
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < frameMagic.length) {
    const { value, done } = await source.next();
    if (done === true) break;
    first.push(value);
    length += value.length;
  }
  async function* all() {
    yield* first;
    yield* source;
  }
  const head = Buffer.concat(first);
  return { isFrame: frameMagic.every((byte, i) => head[i] === byte), all: all() };
}
