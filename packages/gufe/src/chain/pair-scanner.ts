import { ChainError } from "../errors.ts";
import { JsonReader } from "../json/json-reader.ts";
import { type BytePath, type Interest, JsonByteScanner, type ValueKind } from "../stream/json-byte-scanner.ts";
import { isGufeKey, qualnameOfKey } from "./keyed-chain.ts";
import { malformedPair, pairInterest } from "./pair-interest.ts";
import { type KeyedDictFacts, readKeyedDict } from "./read-keyed-dict.ts";

/** A pair of a keyed chain that is read as it comes. */
export interface ScannedPair {
  readonly key: string;
  /** The keyed dict; null where that is longer than what is kept at a time. */
  readonly text: string | null;
  /** The bytes of the whole from which to which the keyed dict goes. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the UTF-8 bytes of a keyed chain in chunks of any size, with memory for one keyed dict of at most `maxTextBytes`. Nothing is said of keys, classes
 * and references. `write` and `end` throw `ChainError`, `JsonSyntaxError`, `JsonLimitError`.
 */
export class PairScanner {
  readonly #scanner: JsonByteScanner;
  #key: string | undefined;
  #dict: Omit<ScannedPair, "key"> | undefined;
  #pairs = 0;

  constructor(onPair: (pair: ScannedPair) => void, maxTextBytes: number) {
    this.#scanner = new JsonByteScanner(
      {
        interest: (path, kind) => this.#interest(path, kind),
        kept: (_, value) => {
          this.#key = value as string;
        },
        text: (_, text, start, end) => {
          this.#dict = { text, start, end };
        },
        left: (path) => {
          if (path.length !== 1) return;
          if (this.#key === undefined || this.#dict === undefined) throw malformedPair(`[${path[0]}]`);
          this.#pairs += 1;
          onPair({ key: this.#key, ...this.#dict });
        },
      },
      { maxKeptBytes: maxTextBytes },
    );
  }

  /** Reads the next chunk; pairs are handed out from within. */
  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
  }

  /** Ends the text. Throws where it is cut short, or has no object. */
  end(): void {
    this.#scanner.end();
    if (this.#pairs === 0) throw new ChainError("empty-chain", "", "The keyed chain is empty: it has no object");
  }

  #interest(path: BytePath, kind: ValueKind): Interest {
    if (path.length === 1) {
      this.#key = undefined;
      this.#dict = undefined;
    }
    return pairInterest(path, kind, "text");
  }
}

/** @throws {ChainError} for a key of another form, or an object of another class than its key says. */
export function checkClass(key: string, qualname: unknown, module: unknown, where: string): void {
  if (!isGufeKey(key)) {
    const shown = JSON.stringify(key.slice(0, 200));
    throw new ChainError("malformed-key", where, `${shown} is not a key: <class name>-<32 lowercase hex digits>`);
  }
  if (typeof qualname !== "string" || typeof module !== "string")
    throw new ChainError("missing-marker", where, `${key} has no text members __qualname__ and __module__`);
  if (qualname !== qualnameOfKey(key))
    throw new ChainError("key-prefix", where, `The key ${key} does not start with its class ${qualname}-`);
}

export function danglingReference(key: string, reference: string, where: string): ChainError {
  return new ChainError("dangling-reference", where, `${key} refers to ${reference}, which does not come before it`);
}

/** What a chain needs to know of the text of a keyed dict. */
export function keyedDictFacts(text: string): KeyedDictFacts {
  const reader = new JsonReader(text);
  reader.next();
  return readKeyedDict(reader);
}
