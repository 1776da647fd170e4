import { ChainError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { JsonReader } from "../json/json-reader.ts";
import { type KeyVerification, verifyKey } from "../keys/verify-key.ts";
import { type BytePath, type Interest, JsonByteScanner, type ValueKind } from "../stream/json-byte-scanner.ts";
import { isGufeKey, qualnameOfKey } from "./keyed-chain.ts";
import { readKeyedDict } from "./read-keyed-dict.ts";

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
  readonly #whole: JsonByteScanner;
  readonly #markers: JsonByteScanner;
  readonly #onEntry: (entry: ScannedEntry) => void;
  readonly #keys = new Set<string>();
  readonly #found: { key: string | undefined; text: string | null }[] = [];
  #key: string | undefined;
  #text: string | null = null;
  #hasDict = false;
  #members = new Map<string, Json>();
  readonly #marked: ReadonlyMap<string, Json>[] = [];

  constructor({ onEntry, maxTextBytes = 2 ** 25 }: ChainScannerOptions) {
    this.#onEntry = onEntry;
    this.#whole = new JsonByteScanner(
      {
        interest: (path, kind) => this.#interest(path, kind),
        kept: (_, value) => {
          this.#key = value as string;
        },
        text: (_, text) => {
          this.#text = text;
          this.#hasDict = true;
        },
        left: (path) => {
          if (path.length !== 1) return;
          if (this.#key === undefined || !this.#hasDict) throw malformed(path);
          this.#found.push({ key: this.#key, text: this.#text });
        },
      },
      { maxKeptBytes: maxTextBytes },
    );
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
    this.#whole.write(chunk);
    this.#markers.write(chunk);
    for (let found = this.#found.shift(); found !== undefined; found = this.#found.shift()) {
      this.#entry(found.key as string, found.text, this.#marked.shift() ?? new Map());
    }
  }

  /** Ends the text. Throws where it is cut short, or has no object. */
  end(): void {
    this.#whole.end();
    this.#markers.end();
    if (this.#keys.size === 0) throw new ChainError("empty-chain", "", "The keyed chain is empty: it has no object");
  }

  #interest(path: BytePath, kind: ValueKind): Interest {
    switch (path.length) {
      case 0:
        if (kind !== "array") throw new ChainError("not-a-chain", "", "A keyed chain is a JSON array of [key, object] pairs");
        return "enter";
      case 1:
        if (kind !== "array") throw malformed(path);
        this.#key = undefined;
        this.#hasDict = false;
        return "enter";
      default:
        if (path[1] === 0 && kind === "string") return "keep";
        if (path[1] !== 1 || kind !== "object") throw malformed(path);
        return "text";
    }
  }

  #entry(key: string, text: string | null, members: ReadonlyMap<string, Json>): void {
    const where = `[${this.#keys.size}]`;
    const [qualname, module, ownKey] = ["__qualname__", "__module__", "_key"].map((name) => members.get(name));
    if (!isGufeKey(key)) {
      const shown = JSON.stringify(key.slice(0, 200));
      throw new ChainError("malformed-key", where, `${shown} is not a key: <class name>-<32 lowercase hex digits>`);
    }
    if (typeof qualname !== "string" || typeof module !== "string")
      throw new ChainError("missing-marker", where, `${key} has no text members __qualname__ and __module__`);
    if (qualname !== qualnameOfKey(key))
      throw new ChainError("key-prefix", where, `The key ${key} does not start with its class ${qualname}-`);
    if (text !== null) {
      for (const reference of referencesOf(text)) {
        if (!this.#keys.has(reference))
          throw new ChainError("dangling-reference", where, `${key} refers to ${reference}, which does not come before it`);
      }
    }
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    const verification = text === null ? ofLongText(key, ownKey) : verifyKey({ key, text });
    this.#onEntry({ key, qualname, module, text, verification });
  }
}

const markers = new Set(["__qualname__", "__module__", "_key"]);

function ofLongText(key: string, ownKey: Json | undefined): KeyVerification {
  const known = typeof ownKey === "string";
  return { computed: null, conclusive: known, certain: known, matches: known ? ownKey === key : null };
}

function referencesOf(text: string): readonly string[] {
  const reader = new JsonReader(text);
  reader.next();
  return readKeyedDict(reader).references;
}

function malformed(path: BytePath): ChainError {
  return new ChainError("malformed-pair", `[${path[0]}]`, "Each element of a keyed chain must be a pair [key, object]");
}
