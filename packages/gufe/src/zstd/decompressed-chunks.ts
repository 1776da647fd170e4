/** Compressed bytes that come in chunks, undone piece by piece. Needs Node. */
import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { GzipError, ZstdError } from "../errors.ts";
import { readHeader } from "./zstd-frame-scanner.ts";

/** What one call of a decoder gives at most: each call costs the same, however little it gives. */
const pieceBytes = 256 * 1024;
/** The header of a zstd frame has no more. */
const longestHeader = 18;

/**
 * Gzip, undone as it comes. What `source` throws comes out as it is.
 * Throws `GzipError`: `corrupt`, `too-large` (more than `maxBytes`).
 */
export async function* gunzipChunks(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new GzipError("too-large", "", `The data decompress to more than ${maxBytes} bytes`);
  const corrupt = (reason: string) => new GzipError("corrupt", "", `The data are not gzip: ${reason}`);
  yield* transformed(source, createGunzip({ chunkSize: pieceBytes }), maxBytes, tooLarge, corrupt);
}

/**
 * One zstd frame, undone as it comes. What `source` throws comes out as it is.
 * Throws `ZstdError`: `corrupt` (also for a frame that is cut short), `trailing-bytes`, `too-large` (more than `maxBytes`).
 */
export async function* unzstdChunks(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  const { head, all } = await peeked(source, longestHeader);
  const decoder = createZstdDecompress({ chunkSize: pieceFor(head) });
  let fed = 0;
  async function* counted() {
    for await (const chunk of all) {
      fed += chunk.length;
      yield chunk;
    }
  }
  const tooLarge = () => new ZstdError("too-large", "", `The data decompress to more than ${maxBytes} bytes`);
  const corrupt = (reason: string) => new ZstdError("corrupt", "", `not one whole zstd frame: ${reason}`);
  yield* transformed(counted(), decoder, maxBytes, tooLarge, corrupt);
  // The decoder ignores what follows the frame.
  if (decoder.bytesWritten !== fed) throw new ZstdError("trailing-bytes", "", "not one whole zstd frame: other bytes follow it");
}

/** A small frame gets no space for a large one: freeing that costs more than the decoding. One byte more than there is shows the end at once. */
function pieceFor(head: Uint8Array): number {
  const size = readHeader(head)?.contentSize ?? null;
  return size !== null && size < BigInt(pieceBytes) ? Math.max(1024, Number(size) + 1) : pieceBytes;
}

/** Bytes as they were before they were compressed, and whether they were. */
export interface Uncompressed {
  readonly content: AsyncIterable<Uint8Array>;
  readonly compressed: boolean;
}

/**
 * Undoes gzip and zstd, also one around the other, as their first bytes tell; what is neither comes out as it is. Both this and the reading of the content
 * throw `GzipError` and `ZstdError`.
 */
export async function uncompressedChunks(bytes: AsyncIterable<Uint8Array>): Promise<Uncompressed> {
  let content = bytes;
  for (let layer = 0; layer < 3; layer += 1) {
    const { head, all } = await peeked(content, 4);
    content = all;
    const undo = isGzip(head) ? gunzipChunks : isZstd(head) ? unzstdChunks : undefined;
    if (undo === undefined) return { content, compressed: layer > 0 };
    content = undo(content, Number.MAX_SAFE_INTEGER);
  }
  return { content, compressed: true };
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isZstd = (bytes: Uint8Array) => bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;

/** The first bytes of a stream, at least so many if it has them, and the stream with them. */
async function peeked(
  content: AsyncIterable<Uint8Array>,
  least: number,
): Promise<{ readonly head: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const source = content[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < least) {
    const next = await source.next();
    if (next.done === true) break;
    held.push(next.value);
    length += next.value.length;
  }
  return { head: Buffer.concat(held), all: readOn(held, source) };
}

/** What was read already, let go piece by piece, and what is still to come. */
export async function* readOn(held: Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let chunk = held.shift(); chunk !== undefined; chunk = held.shift()) yield chunk;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

async function* transformed(
  source: AsyncIterable<Uint8Array>,
  decoder: Transform,
  maxBytes: number,
  tooLarge: () => Error,
  corrupt: (reason: string) => Error,
): AsyncGenerator<Uint8Array> {
  let failure: Error | undefined;
  // An error of the source (a limit, a bad inner layer) must come out as it is; one of the decoder means broken input. The stream throws the
  // decoder's into the generator, too, where it waits to be read on: only what comes from reading is the source's.
  async function* watched() {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          failure = error instanceof Error ? error : new Error(String(error));
          throw failure;
        });
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  pipeline(Readable.from(watched(), { objectMode: false }), decoder, () => {});
  let bytes = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        failure = tooLarge();
        throw failure;
      }
      yield chunk;
    }
  } catch (error) {
    throw failure ?? corrupt(error instanceof Error ? error.message : String(error));
  } finally {
    decoder.destroy();
  }
}
