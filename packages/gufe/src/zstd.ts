/** Zstandard frames on Node. The only part of this package that needs Node. (spec/gufe.md §2.4) */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Zstd } from "./codecs/bytes.ts";
import { ZstdError } from "./errors.ts";

const magic = [0x28, 0xb5, 0x2f, 0xfd] as const;

/** One frame that states its content size: Python refuses frames without it. */
export function compressZstd(bytes: Uint8Array, level = 3): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}

/**
 * Decompresses one frame, with or without a stated content size.
 * Throws `ZstdError`: `not-zstd`, `truncated`, `trailing-bytes`, `too-large` (more than `maxBytes`), `corrupt`.
 */
export function decompressZstd(bytes: Uint8Array, options: { maxBytes: number }): Uint8Array {
  const size = zstdContentSize(bytes);
  if (size === undefined) throw new ZstdError("not-zstd", "", "Not zstd data: it does not begin with a zstd frame header");
  const tooLarge = () => new ZstdError("too-large", "", `The data decompress to more than ${options.maxBytes} bytes`);
  // A frame that states its size is refused before anything is allocated for it.
  if (size !== null && size > BigInt(options.maxBytes)) throw tooLarge();
  let result: { buffer: Uint8Array; consumed: number };
  try {
    result = decompressed(bytes, options.maxBytes);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    if (code === "Z_BUF_ERROR") throw new ZstdError("truncated", `byte ${bytes.length}`, "The zstd frame is cut short");
    throw new ZstdError(
      "corrupt",
      "",
      `The zstd frame cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (result.consumed !== bytes.length) {
    const extra = bytes.length - result.consumed;
    throw new ZstdError("trailing-bytes", `byte ${result.consumed}`, `${extra} bytes follow the zstd frame`);
  }
  return result.buffer;
}

/**
 * The content size that a frame's header states: `null` if it states none, `undefined` if the bytes do not begin with a whole
 * header of a zstd frame. At most the first 18 bytes are read.
 */
export function zstdContentSize(header: Uint8Array): bigint | null | undefined {
  if (magic.some((byte, i) => header[i] !== byte)) return undefined;
  const descriptor = header[4];
  if (descriptor === undefined) return undefined;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const sizeBytes = flag === 0 ? (isSingleSegment ? 1 : 0) : 1 << flag;
  const start = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] as number);
  if (header.length < start + sizeBytes) return undefined;
  if (sizeBytes === 0) return null;
  let size = 0n;
  for (let i = sizeBytes - 1; i >= 0; i--) size = (size << 8n) | BigInt(header[start + i] as number);
  return sizeBytes === 2 ? size + 256n : size;
}

function decompressed(bytes: Uint8Array, maxBytes: number): { buffer: Uint8Array; consumed: number } {
  // zlib refuses 0 as a limit, although an empty content is within it.
  const options = { maxOutputLength: Math.max(1, maxBytes), info: true };
  const result = zstdDecompressSync(bytes, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
  if (result.buffer.length > maxBytes) throw Object.assign(new Error("too large"), { code: "ERR_BUFFER_TOO_LARGE" });
  return { buffer: result.buffer, consumed: result.engine.bytesWritten };
}

/**
 * The implementation that the codecs take, on Node. `maxBytes` bounds what one encoded value may decompress to (1 GiB unless
 * given).
 */
export function nodeZstd(options: { maxBytes?: number } = {}): Zstd {
  const maxBytes = options.maxBytes ?? 2 ** 30;
  return { compress: (bytes) => compressZstd(bytes), decompress: (bytes) => decompressZstd(bytes, { maxBytes }) };
}
