import {
  JsonLimitError,
  joinKeyedChain,
  type KeyedChain,
  keyedChainFromText,
  ResultScanner,
  type ResultSummary,
  type Zstd,
} from "@alchemiscale/gufe";
import type { ReadableProtocol } from "./protocol-reader.ts";
import { protocolReaders } from "./protocol-readers.ts";
import { readingOf, unreadableResult } from "./reading-of.ts";
import type { StoredReading } from "./result-reading.ts";

export interface ReadOptions {
  /**
   * Undoes the compression of arrays: `nodeZstd()` of `@alchemiscale/gufe/zstd` on Node. Without it what is in compressed arrays cannot be read:
   * convergence and overlap (flagged), and the work of non-equilibrium cycling (unreadable).
   */
  readonly zstd?: Pick<Zstd, "decompress">;
}

/**
 * Reads what estimates need from one ProtocolDAGResult. Never throws for what the result holds: what cannot be read has a reason.
 * For results that come as bytes see `StoredResultReader`. (spec/analysis.md §1)
 * @param chain keyed chain of the ProtocolDAGResult, or its text; also the nested form of old releases
 */
export function readResult(protocol: ReadableProtocol, chain: KeyedChain | string, options: ReadOptions = {}): StoredReading {
  const reader = new StoredResultReader(protocol, options);
  reader.writeText(typeof chain === "string" ? chain : joinKeyedChain(chain.entries));
  return reader.end();
}

/** Bytes that are not compressed can be read all the same. */
const withoutZstd: Pick<Zstd, "decompress"> = { decompress: (bytes) => bytes };
/** The nested form cannot be read in pieces. */
const maxNestedBytes = 2 ** 26;

/**
 * The same from the UTF-8 bytes of the keyed chain, in chunks of any size. Memory is that of the outputs that are looked at, each at most 64 MiB of
 * JSON; all else is passed over. Neither `write` nor `end` throws.
 */
export class StoredResultReader {
  readonly #protocol: ReadableProtocol;
  readonly #zstd: Pick<Zstd, "decompress">;
  readonly #scanner: ResultScanner;
  /** What went wrong, once something did; what follows is not read. */
  #error: unknown;
  /** Which form it is shows with the first byte. */
  #form: "unknown" | "chain" | "nested" = "unknown";
  readonly #nested: Uint8Array[] = [];
  #nestedBytes = 0;

  constructor(protocol: ReadableProtocol, options: ReadOptions = {}) {
    this.#protocol = protocol;
    this.#zstd = options.zstd ?? withoutZstd;
    this.#scanner = new ResultScanner({ outputs: new Set(protocolReaders.get(protocol.qualname)?.outputs) });
  }

  /** Reads the next chunk, which may be reused afterwards. */
  write(chunk: Uint8Array): void {
    this.#try(() => {
      if (this.#form === "unknown") this.#form = formOf(chunk);
      if (this.#form !== "nested") return this.#scanner.write(chunk);
      this.#nestedBytes += chunk.length;
      if (this.#nestedBytes > maxNestedBytes)
        throw new JsonLimitError(
          "too-large",
          "",
          `A result in the nested form of old releases has more than ${maxNestedBytes} bytes`,
        );
      this.#nested.push(Uint8Array.from(chunk));
    });
  }

  /** Reads a whole text. */
  writeText(text: string): void {
    this.#try(() =>
      this.#scanner.writeText(text.trimStart().startsWith("{") ? joinKeyedChain(keyedChainFromText(text).entries) : text),
    );
  }

  /** Ends the text. */
  end(): StoredReading {
    const summary = this.#try(() => this.#summary());
    if (summary === undefined) {
      return unreadableResult(this.#protocol.qualname, null, this.#error, "not-a-result");
    }
    return readingOf(this.#protocol, summary, this.#zstd);
  }

  #summary(): ResultSummary {
    if (this.#form === "nested") {
      const decoder = new TextDecoder("utf-8", { fatal: true });
      const text = this.#nested.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode();
      this.#scanner.writeText(joinKeyedChain(keyedChainFromText(text).entries));
    }
    return this.#scanner.end();
  }

  /** Undefined once something went wrong. */
  #try<T>(step: () => T): T | undefined {
    if (this.#error !== undefined) return undefined;
    try {
      return step();
    } catch (error) {
      this.#error = error;
      return undefined;
    }
  }
}

/** The nested form is an object, a keyed chain a list. */
function formOf(chunk: Uint8Array): "unknown" | "chain" | "nested" {
  const first = chunk.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return first === undefined ? "unknown" : first === 0x7b ? "nested" : "chain";
}
