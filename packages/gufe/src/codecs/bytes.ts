/** The codec of `bytes`: zstd, then Latin-1 text. (spec/gufe.md §2.1) */
import { ShapeError } from "../errors.ts";
import type { Json, JsonObject } from "../json/json.ts";
import { encoded, isEncoded } from "./codec-markers.ts";
import { bytesToLatin1, latin1ToBytes } from "./latin-1.ts";

/** A zstd implementation: on Node `nodeZstd` of the package's `/zstd` door. */
export interface Zstd {
  compress(bytes: Uint8Array): Uint8Array;
  /** Decompresses one frame; throws where the bytes are not one. */
  decompress(bytes: Uint8Array): Uint8Array;
}

export function isEncodedBytes(json: Json | undefined): json is JsonObject {
  return isEncoded(json, "bytes", ["builtins"]);
}

/**
 * The bytes of an encoded value. Bytes that are no zstd frame, or a frame that cannot be read, are returned as they are: gufe
 * before 1.2 did not compress, and Python falls back the same way. Throws `ShapeError` where the object is no encoded bytes.
 */
export function decodeBytes(json: Json, zstd: Pick<Zstd, "decompress">): Uint8Array {
  const text = isEncodedBytes(json) ? json.get("latin-1") : undefined;
  if (typeof text !== "string") throw new ShapeError("codec", "", 'Encoded bytes must have a text member "latin-1"');
  const bytes = latin1ToBytes(text);
  try {
    return zstd.decompress(bytes);
  } catch (error) {
    // A bomb is no legacy form: refusing it is the caller's limit at work.
    if ((error as { code?: unknown }).code === "too-large") throw error;
    return bytes;
  }
}

export function encodeBytes(bytes: Uint8Array, zstd: Pick<Zstd, "compress">): JsonObject {
  return encoded("bytes", "builtins", [["latin-1", bytesToLatin1(zstd.compress(bytes))]]);
}
