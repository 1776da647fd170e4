import { ChainError, JsonSyntaxError } from "../errors.ts";
import { JsonReader, Token } from "../json/json-reader.ts";
import { canonicalText } from "../keys/canonical-text.ts";
import { verifyKey } from "../keys/verify-key.ts";
import { type ChainLayout, chainLayout } from "./chain-layout.ts";
import { type ChainEntry, isGufeKey, type KeyedChain, qualnameOfKey } from "./keyed-chain.ts";
import { locateReference } from "./locate-reference.ts";
import { malformedPair } from "./pair-interest.ts";
import { type KeyedDictFacts, readKeyedDict } from "./read-keyed-dict.ts";

/** A chain under construction. */
interface Slicing {
  readonly text: string;
  readonly strict: boolean;
  readonly byKey: Map<string, ChainEntry>;
  /** Canonical texts of entries whose key came again: a chain of repeats must not cost more than its length. */
  readonly canonical: Map<string, string>;
  root: ChainEntry | undefined;
  /** How many pairs were read, skipped ones included. */
  pairs: number;
}

/**
 * Cuts the JSON text of a keyed chain into its entries, each with its own text exactly as submitted. Linear in the text.
 *
 * Required (spec/gufe.md §1.6): well-formed pairs; keys `<qualname>-<32 hex digits>` whose prefix is the dict's
 * `__qualname__`; references to earlier entries; `_key` equal to the key. An identical repeated pair is skipped; one with
 * other content is an error. With `strict`, a key that conclusively differs from the computed one is an error too.
 *
 * Throws `ChainError` and `JsonSyntaxError`; their `where` says where. The entries' texts are slices that keep the whole
 * of `text` alive: copy what is to be kept for long.
 */
export function sliceKeyedChain(text: string, options: { strict?: boolean } = {}): KeyedChain {
  return sliceByLayout(text, options) ?? sliceWithCare(text, options);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function sliceByLayout(text: string, options: { strict?: boolean }): KeyedChain | undefined {
  const bytes = encoder.encode(text);
  // A lone surrogate has no bytes: it would come back as another character.
  const isAscii = bytes.length === text.length;
  if (!isAscii && !text.isWellFormed()) return undefined;
  const layout = chainLayout(bytes);
  if (layout === undefined || /[^ \t\n\r]/.test(decoder.decode(bytes.subarray(layout.end)))) return undefined;
  const { starts, ends } = layout;
  const entries = entriesOf(
    layout,
    isAscii ? (i) => text.slice(starts[i], ends[i]) : (i) => decoder.decode(bytes.subarray(starts[i], ends[i])),
  );
  if (options.strict === true) for (const [i, entry] of entries.entries()) refuseMismatch(entry, `[${i}]`);
  return { entries, root: entries[entries.length - 1] as ChainEntry };
}

function entriesOf(
  { keys, qualnames, modules, references, referenceEnds }: ChainLayout,
  textOf: (i: number) => string,
): ChainEntry[] {
  const entries: ChainEntry[] = [];
  for (const [i, key] of keys.entries()) {
    const places = references.slice(i === 0 ? 0 : referenceEnds[i - 1], referenceEnds[i]);
    entries.push({
      key,
      qualname: qualnames[i] as string,
      module: modules[i] as string,
      text: textOf(i),
      references: places.map((place) => keys[place] as string),
      height: places.reduce((height, place) => Math.max(height, (entries[place] as ChainEntry).height + 1), 0),
    });
  }
  return entries;
}

/** The same token by token: it knows all of JSON, and what to say of what is wrong. */
export function sliceWithCare(text: string, options: { strict?: boolean } = {}): KeyedChain {
  const reader = new JsonReader(text);
  const slicing: Slicing = {
    text,
    strict: options.strict === true,
    byKey: new Map(),
    canonical: new Map(),
    root: undefined,
    pairs: 0,
  };
  if (reader.next() !== Token.arrayStart) {
    throw new ChainError("not-a-chain", `character ${reader.start}`, "A keyed chain is a JSON array of [key, object] pairs");
  }
  for (let token = reader.next(); token !== Token.arrayEnd; token = reader.next()) {
    slicePair(slicing, reader, token);
    slicing.pairs += 1;
  }
  reader.next();
  if (slicing.root === undefined) throw new ChainError("empty-chain", "", "The keyed chain is empty: it has no object");
  return { entries: [...slicing.byKey.values()], root: slicing.root };
}

function slicePair(slicing: Slicing, reader: JsonReader, token: Token): void {
  const where = `[${slicing.pairs}]`;
  const malformed = () => malformedPair(where);
  if (token !== Token.arrayStart || reader.next() !== Token.string) throw malformed();
  const key = reader.stringValue();
  if (reader.next() !== Token.objectStart) throw malformed();
  const start = reader.start;
  const facts = readKeyedDict(reader);
  if (reader.next() !== Token.arrayEnd) throw malformed();
  const dict = slicing.text.slice(start, facts.end);
  const known = slicing.byKey.get(key);
  if (known !== undefined) {
    if (!isRepeat(slicing, known, dict)) {
      throw new ChainError("repeated-key", where, `The key ${key} appears twice with different content`);
    }
    slicing.root = known;
    return;
  }
  const entry = checkedEntry(slicing, key, dict, facts, where);
  slicing.byKey.set(key, entry);
  slicing.root = entry;
}

function isRepeat(slicing: Slicing, known: ChainEntry, text: string): boolean {
  if (known.text === text) return true;
  let canonical = slicing.canonical.get(known.key);
  if (canonical === undefined) {
    canonical = canonicalText(known.text).text;
    slicing.canonical.set(known.key, canonical);
  }
  return canonicalText(text).text === canonical;
}

function checkedEntry(slicing: Slicing, key: string, text: string, facts: KeyedDictFacts, where: string): ChainEntry {
  const { qualname, module, ownKey, references } = facts;
  if (!isGufeKey(key)) {
    throw new ChainError("malformed-key", `${where}[0]`, `${quoted(key)} is not a key: <class name>-<32 lowercase hex digits>`);
  }
  if (qualname === undefined) throw missingMarker(key, "__qualname__", where);
  if (module === undefined) throw missingMarker(key, "__module__", where);
  if (qualname !== qualnameOfKey(key)) {
    throw new ChainError("key-prefix", `${where}[1].__qualname__`, `The key ${key} does not start with its class ${qualname}-`);
  }
  if (ownKey !== undefined && ownKey !== key) {
    throw new ChainError("own-key", `${where}[1]._key`, `${key} has another key in its member _key: ${quoted(ownKey)}`);
  }
  if (facts.badReferenceAt !== undefined) {
    throw new ChainError("malformed-reference", `${where}[1], character ${facts.badReferenceAt}`, "A reference must be a text");
  }
  const entry: ChainEntry = {
    key,
    qualname,
    module,
    text,
    references,
    height: height(slicing, key, text, references, where),
  };
  if (slicing.strict) refuseMismatch(entry, where);
  return entry;
}

function missingMarker(key: string, name: string, where: string): ChainError {
  return new ChainError("missing-marker", `${where}[1]`, `${key} has no text member ${name}`);
}

function height(slicing: Slicing, key: string, text: string, references: readonly string[], where: string): number {
  let result = 0;
  for (const reference of references) {
    const target = slicing.byKey.get(reference);
    if (target === undefined) throw unresolved(slicing, key, text, reference, where);
    result = Math.max(result, target.height + 1);
  }
  return result;
}

/** Tells a reference to a later entry (or to itself: a cycle) from one to nothing. Only reached once, on failure. */
function unresolved(slicing: Slicing, key: string, dict: string, reference: string, where: string): ChainError {
  const place = `${where}[1]${locateReference(dict, reference)}`;
  if (reference === key) return new ChainError("cycle", place, `${key} refers to itself`);
  return chainKeys(slicing.text).has(reference)
    ? new ChainError(
        "forward-reference",
        place,
        `${key} refers to ${reference}, which comes later in the chain (or depends on it)`,
      )
    : new ChainError("dangling-reference", place, `${key} refers to ${quoted(reference)}, which is not in the chain`);
}

/** All keys of a chain's text, as far as it can be read. */
function chainKeys(text: string): Set<string> {
  const keys = new Set<string>();
  try {
    const reader = new JsonReader(text);
    reader.next();
    for (let token = reader.next(); token === Token.arrayStart; token = reader.next()) {
      if (reader.next() === Token.string) keys.add(reader.stringValue());
      while (reader.depth > 1) reader.next();
    }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  return keys;
}

function refuseMismatch(entry: ChainEntry, where: string): void {
  const { computed, conclusive, matches } = verifyKey(entry);
  if (conclusive && matches === false) {
    throw new ChainError("key-mismatch", `${where}[0]`, `The content of ${entry.key} has the key ${computed}`);
  }
}

/** A value of the submitter's in a message: quoted and bounded. */
function quoted(value: string): string {
  return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
}
