/** Compressed layers of a posted result, undone piece by piece; what is wrong with them becomes an answer. */
import { GzipError, ZstdError } from "@alchemiscale/gufe";
import { gunzipChunks, unzstdChunks } from "@alchemiscale/gufe/zstd";
import { unprocessable } from "../transport/http-error.ts";
import { tooLarge, unparsableBody } from "../transport/request-body.ts";

/** @throws {HttpError} 400 for gzip that cannot be undone, 413 above the bound */
export async function* gunzipped(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  try {
    yield* gunzipChunks(source, maxBytes);
  } catch (error) {
    if (error instanceof GzipError) throw error.code === "too-large" ? tooLarge(maxBytes) : unparsableBody();
    throw error;
  }
}

/**
 * One zstd frame.
 * @param what names the layer in the answer to broken input
 * @throws {HttpError} 422 for what is no whole zstd frame or is followed by other bytes, 413 above the bound
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>, maxBytes: number, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* unzstdChunks(source, maxBytes);
  } catch (error) {
    if (error instanceof ZstdError)
      throw error.code === "too-large" ? tooLarge(maxBytes) : unprocessable(`${what} is ${error.message}`);
    throw error;
  }
}
