import type { Json } from "../json/json.ts";
import { type KeyVerification, verifyKey } from "../keys/verify-key.ts";
import { JsonByteScanner } from "../stream/json-byte-scanner.ts";
import { checkClass, danglingReference, keyedDictFacts, PairScanner, type ScannedPair } from "./pair-scanner.ts";

/** One object of a chain that is read as it comes. */
export interface ScannedEntry {
  readonly key: string;
  readonly qualname: string;
  readonly module: string;
  /** Its keyed dict; null where that is longer than what is kept at a time. */
  readonly text: string | null;
  readonly verification: KeyVerification;
}

export interface ChainScannerOptions {
  readonly onEntry: (entry: ScannedEntry) => void;
  /** Most bytes of an object that is looked at whole; 32 MiB unless given. Of a larger one the key can be checked only where a member `_key` tells it. */
  readonly maxTextBytes?: number;
}

/**
 * Reads the UTF-8 bytes of a keyed chain in chunks of any size, and verifies the keys of its objects: what `sliceKeyedChain` and `verifyKey` do, with
 * memory for one object. What it cannot check: repeated keys with other content, and the references of objects beyond `maxTextBytes`.
 *
 * `write` and `end` throw `ChainError`, `JsonSyntaxError`, `JsonLimitError`.
 */
export class ChainScanner {
  readonly #pairs: PairScanner;
  readonly #markers: JsonByteScanner;
  readonly #onEntry: (entry: ScannedEntry) => void;
  readonly #keys = new Set<string>();
  readonly #found: ScannedPair[] = [];
  #members = new Map<string, Json>();
  readonly #marked: ReadonlyMap<string, Json>[] = [];

  constructor({ onEntry, maxTextBytes = 2 ** 25 }: ChainScannerOptions) {
    this.#onEntry = onEntry;
    this.#pairs = new PairScanner((pair) => this.#found.push(pair), maxTextBytes);
    // The class of an object comes last as a rule, when a long one has been passed over already: a second reader looks for nothing else.
    this.#markers = new JsonByteScanner({
      interest: (path) => {
        if (path.length < 2) return "enter";
        if (path.length === 2) {
          this.#members = new Map();
          return path[1] === 1 ? "enter" : "skip";
        }
        return path.length === 3 && markers.has(path[2] as string) ? "keep" : "skip";
      },
      kept: (path, value) => this.#members.set(path[2] as string, value),
      left: (path) => {
        if (path.length === 1) this.#marked.push(this.#members);
      },
    });
  }

  /** Reads the next chunk; entries are handed out from within. */
  write(chunk: Uint8Array): void {
    this.#pairs.write(chunk);
    this.#markers.write(chunk);
    for (let found = this.#found.shift(); found !== undefined; found = this.#found.shift()) {
      this.#entry(found, this.#marked.shift() ?? new Map());
    }
  }

  /** Ends the text. Throws where it is cut short, or has no object. */
  end(): void {
    this.#pairs.end();
    this.#markers.end();
  }

  #entry({ key, text }: ScannedPair, members: ReadonlyMap<string, Json>): void {
    const where = `[${this.#keys.size}]`;
    const [qualname, module, ownKey] = ["__qualname__", "__module__", "_key"].map((name) => members.get(name));
    checkClass(key, qualname, module, where);
    if (text !== null) {
      for (const reference of keyedDictFacts(text).references) {
        if (!this.#keys.has(reference)) throw danglingReference(key, reference, where);
      }
    }
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    const verification = text === null ? ofLongText(key, ownKey) : verifyKey({ key, text });
    this.#onEntry({ key, qualname: qualname as string, module: module as string, text, verification });
  }
}

const markers = new Set(["__qualname__", "__module__", "_key"]);

function ofLongText(key: string, ownKey: Json | undefined): KeyVerification {
  const known = typeof ownKey === "string";
  return { computed: null, conclusive: known, certain: known, matches: known ? ownKey === key : null };
}
