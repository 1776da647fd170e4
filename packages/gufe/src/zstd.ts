/** Zstandard frames, and gzip where it comes in chunks, on Node. The only part of this package that needs Node. (spec/gufe.md §2.4) */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Zstd } from "./codecs/bytes.ts";
import { ZstdError } from "./errors.ts";
import { readHeader, ZstdFrameScanner } from "./zstd/zstd-frame-scanner.ts";

export { gunzipChunks, readOn, type Uncompressed, uncompressedChunks, unzstdChunks } from "./zstd/decompressed-chunks.ts";
export { ZstdFrameScanner } from "./zstd/zstd-frame-scanner.ts";

/** One frame that states its content size: Python refuses frames without it. */
export function compressZstd(bytes: Uint8Array, level = 3): Uint8Array {
  return plainArray(zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }));
}

/**
 * Decompresses one frame, with or without a stated content size. `trailing: "ignore"` leaves what follows the frame unread, as
 * Python does; by default it is an error. Throws `ZstdError`: `not-zstd`, `truncated`, `trailing-bytes`, `too-large` (more than `maxBytes`), `corrupt`.
 */
export function decompressZstd(bytes: Uint8Array, options: { maxBytes: number; trailing?: "refuse" | "ignore" }): Uint8Array {
  // Node reads several frames as one content, Python only the first: find its end first.
  const frame = new ZstdFrameScanner();
  frame.write(bytes);
  if (options.trailing !== "ignore" || !frame.isDone) frame.end();
  const tooLarge = () => new ZstdError("too-large", "", `The data decompress to more than ${options.maxBytes} bytes`);
  // A frame that states its size is refused before anything is allocated for it.
  if ((frame.contentSize ?? 0n) > BigInt(options.maxBytes)) throw tooLarge();
  try {
    // zlib refuses 0 as a limit, although an empty content is within it.
    const maxOutputLength = Math.max(1, options.maxBytes);
    const content = zstdDecompressSync(bytes.subarray(0, frame.frameLength), { maxOutputLength });
    if (content.length > options.maxBytes) throw tooLarge();
    return plainArray(content);
  } catch (error) {
    if (error instanceof ZstdError) throw error;
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new ZstdError(
      "corrupt",
      "",
      `The zstd frame cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/**
 * The content size that a frame's header states: `null` if it states none, `undefined` if the bytes do not begin with a whole
 * header of a zstd frame. At most the first 18 bytes are read.
 */
export function zstdContentSize(header: Uint8Array): bigint | null | undefined {
  return readHeader(header.subarray(0, 18))?.contentSize;
}

/** The same memory without Buffer's own methods, some of which differ from those of the type declared (`slice` is a view). */
function plainArray(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/**
 * The implementation that the codecs take, on Node. `maxBytes` bounds what one encoded value may decompress to (1 GiB unless
 * given). Like Python it reads the first frame only.
 */
export function nodeZstd(options: { maxBytes?: number } = {}): Zstd {
  const maxBytes = options.maxBytes ?? 2 ** 30;
  return {
    compress: (bytes) => compressZstd(bytes),
    decompress: (bytes) => decompressZstd(bytes, { maxBytes, trailing: "ignore" }),
  };
}
