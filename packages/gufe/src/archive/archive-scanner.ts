import { isGufeKey, qualnameOfKey } from "../chain/keyed-chain.ts";
import { checkClass, danglingReference, keyedDictFacts, PairScanner, type ScannedPair } from "../chain/pair-scanner.ts";
import { ChainError, JsonLimitError } from "../errors.ts";
import { readDict, referencesField } from "../views/fields.ts";
import { type ArchiveContents, archiveContents, archiveQualname } from "./archive-contents.ts";
import { notAnEdge } from "./archive-writer.ts";

/** Where the keyed dict of an object stands in an archive: `bytes` of them from `start` on. */
export interface ArchivedObject {
  readonly key: string;
  readonly start: number;
  readonly bytes: number;
}

/** An object that stands in an archive once more, and where it stood first. */
export interface ArchivedRepeat {
  readonly first: ArchivedObject;
  readonly again: ArchivedObject;
}

interface Entry extends ArchivedObject {
  /** Positions of what it refers to. */
  readonly references: readonly number[];
}

/** The longest text that the language can hold. */
const longestText = 2 ** 29 - 24;

/**
 * Reads the UTF-8 bytes of an archive's keyed chain in chunks of any size, once, and then knows where everything stands: results may come in any order, as
 * gufe writes all units before all results. Memory is that of the keys and of one object. Keys are not recomputed.
 *
 * `write` and `end` throw `JsonSyntaxError`, `JsonLimitError` (an object that is longer than a text can be), `ShapeError`, and `ChainError`: among its codes
 * `not-an-archive`, `dangling-reference`, `not-an-edge`, `not-a-result`, `repeated-key`.
 */
export class ArchiveScanner {
  readonly #pairs: PairScanner;
  readonly #entries: Entry[] = [];
  readonly #positions = new Map<string, number>();
  readonly #edges = new Map<string, ReadonlySet<string>>();
  readonly #extended = new Map<string, string>();
  readonly #repeats: ArchivedRepeat[] = [];
  #last: { readonly key: string; readonly text: string } = { key: "", text: "" };

  constructor(options: { readonly maxTextBytes?: number } = {}) {
    this.#pairs = new PairScanner((pair) => this.#pair(pair), options.maxTextBytes ?? longestText);
  }

  write(chunk: Uint8Array): void {
    this.#pairs.write(chunk);
  }

  end(): ArchiveIndex {
    this.#pairs.end();
    const { key, text } = this.#last;
    if (qualnameOfKey(key) !== archiveQualname) {
      throw new ChainError("not-an-archive", key, `The last object of the chain is ${key}, not an ${archiveQualname}`);
    }
    const contents = archiveContents(readDict({ key, text }));
    const edges = this.#edges.get(contents.network);
    if (edges === undefined) throw new ChainError("not-a-network", key, `${contents.network} is not an AlchemicalNetwork`);
    const results = new Map<string, readonly string[]>();
    for (const [transformation, keys] of contents.results) {
      if (!edges.has(transformation)) throw notAnEdge(transformation, contents.network, key);
      for (const result of keys) {
        if (qualnameOfKey(result) !== resultQualname)
          throw new ChainError("not-a-result", key, `${result}, of ${transformation}, is not a ${resultQualname}`);
      }
      results.set(this.#interned(transformation), this.#extendedFirst(keys.map((result) => this.#interned(result))));
    }
    return new ArchiveIndex({ ...contents, results, key }, this.#entries, this.#positions, this.#repeats);
  }

  #pair({ key, text, start, end }: ScannedPair): void {
    const where = `[${this.#entries.length + this.#repeats.length}]`;
    if (text === null) throw new JsonLimitError("too-large", where, `${key} has ${end - start} bytes, more than can be read`);
    const { qualname, module, ownKey, references, badReferenceAt } = keyedDictFacts(text);
    checkClass(key, qualname, module, where);
    if (ownKey !== undefined && ownKey !== key)
      throw new ChainError(
        "own-key",
        where,
        `${key} has another key in its member _key: ${JSON.stringify(ownKey.slice(0, 200))}`,
      );
    if (badReferenceAt !== undefined) throw new ChainError("malformed-reference", where, "A reference must be a text");
    const object = { key, start, bytes: end - start };
    this.#last = { key, text: qualname === archiveQualname ? text : "" };
    const known = this.#positions.get(key);
    if (known !== undefined) {
      this.#repeats.push({ first: this.#entries[known] as Entry, again: object });
      return;
    }
    const positions = references.map((reference) => {
      const position = this.#positions.get(reference);
      if (position === undefined) throw danglingReference(key, reference.slice(0, 200), where);
      return position;
    });
    this.#positions.set(key, this.#entries.length);
    this.#entries.push({ ...object, references: positions });
    if (qualname === "AlchemicalNetwork") {
      const edges = referencesField(readDict({ key, text }), "edges");
      this.#edges.set(key, new Set(edges.map((edge) => this.#interned(edge))));
    } else if (qualname === resultQualname) {
      const extended = readDict({ key, text }).members.get("extends_key");
      if (typeof extended === "string" && isGufeKey(extended)) this.#extended.set(key, extended);
    }
  }

  /** The same key, without the text that this one was cut out of. */
  #interned(key: string): string {
    const position = this.#positions.get(key);
    return position === undefined ? key : (this.#entries[position] as Entry).key;
  }

  /** The same results, each after the one that it extends. */
  #extendedFirst(results: readonly string[]): string[] {
    const left = new Set(results);
    const ordered: string[] = [];
    for (const result of results) {
      const line: string[] = [];
      for (let next: string | undefined = result; next !== undefined && left.delete(next); next = this.#extended.get(next)) {
        line.push(next);
      }
      ordered.push(...line.reverse());
    }
    return ordered;
  }
}

const resultQualname = "ProtocolDAGResult";

/** Where everything stands in an archive. */
export class ArchiveIndex {
  readonly contents: ArchiveContents & { readonly key: string };
  /** Objects with a key that came before. Whether they are the same is for who can read them again to say. */
  readonly repeats: readonly ArchivedRepeat[];
  readonly #entries: readonly Entry[];
  readonly #positions: ReadonlyMap<string, number>;

  constructor(
    contents: ArchiveIndex["contents"],
    entries: readonly Entry[],
    positions: ReadonlyMap<string, number>,
    repeats: readonly ArchivedRepeat[],
  ) {
    this.contents = contents;
    this.#entries = entries;
    this.#positions = positions;
    this.repeats = repeats;
  }

  /** An object and everything that it refers to, dependencies first, the object last; empty where the archive has no such object. */
  chainOf(key: string): readonly ArchivedObject[] {
    const start = this.#positions.get(key);
    const wanted = new Set(start === undefined ? [] : [start]);
    // What is added while the loop goes on is visited, too.
    for (const position of wanted) for (const reference of this.#entries[position]?.references ?? []) wanted.add(reference);
    return [...wanted].sort((a, b) => a - b).map((position) => this.#entries[position] as Entry);
  }
}
