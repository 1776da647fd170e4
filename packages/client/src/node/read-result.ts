import { joinKeyedChain, keyedChainFromText } from "@alchemiscale/gufe";
import { decompressZstd } from "@alchemiscale/gufe/zstd";

export interface ReadResultOptions {
  /** Content larger than this is refused; 512 MiB unless told, which is about the longest text there can be. */
  readonly maxBytes?: number;
}

/** Undoes the zstd frame of a stored result. Throws `ZstdError` of `@alchemiscale/gufe`. */
export function decompressResult(bytes: Uint8Array, options: ReadResultOptions = {}): Uint8Array {
  return decompressZstd(bytes, { maxBytes: options.maxBytes ?? 2 ** 29 });
}

/**
 * The keyed chain text of a stored ProtocolDAGResult, character for character; of one that an old server kept as nested JSON, the same in
 * the form of a chain. Throws `ZstdError` or `JsonSyntaxError` of `@alchemiscale/gufe` for damaged bytes.
 */
export function readResult(bytes: Uint8Array, options: ReadResultOptions = {}): string {
  const isZstd = bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
  const content = isZstd ? decompressResult(bytes, options) : bytes;
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  return text.trimStart().startsWith("[") ? text : joinKeyedChain(keyedChainFromText(text).entries);
}
