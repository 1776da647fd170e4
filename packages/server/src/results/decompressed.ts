/** Streams of compressed bytes, undone piece by piece, with a bound on what comes out. */
import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { unprocessable } from "../transport/http-error.ts";
import { tooLarge, unparsableBody } from "../transport/request-body.ts";

/** @throws {HttpError} 400 for gzip that cannot be undone, 413 above the bound */
export async function* gunzipped(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  yield* transformed(source, createGunzip(), maxBytes, () => unparsableBody());
}

/**
 * One zstd frame.
 * @param what names the layer in the answer to broken input
 * @throws {HttpError} 422 for what is no whole zstd frame or is followed by other bytes, 413 above the bound
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>, maxBytes: number, what: string): AsyncGenerator<Uint8Array> {
  const decoder = createZstdDecompress();
  let fed = 0;
  async function* counted() {
    for await (const chunk of source) {
      fed += chunk.length;
      yield chunk;
    }
  }
  const broken = (reason: string) => unprocessable(`${what} is not one whole zstd frame: ${reason}`);
  yield* transformed(counted(), decoder, maxBytes, (error) => broken(error.message));
  // The decoder ignores what follows the frame.
  if (decoder.bytesWritten !== fed) throw broken("other bytes follow it");
}

async function* transformed(
  source: AsyncIterable<Uint8Array>,
  decoder: Transform,
  maxBytes: number,
  broken: (error: Error) => Error,
): AsyncGenerator<Uint8Array> {
  let failure: Error | undefined;
  // An error of the source (a limit, a bad inner layer) must come out as it is; one of the decoder means broken input.
  async function* watched() {
    try {
      yield* source;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw failure;
    }
  }
  pipeline(Readable.from(watched(), { objectMode: false }), decoder, () => {});
  let bytes = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        failure = tooLarge(maxBytes);
        throw failure;
      }
      yield chunk;
    }
  } catch (error) {
    throw failure ?? broken(error instanceof Error ? error : new Error(String(error)));
  } finally {
    decoder.destroy();
  }
}
