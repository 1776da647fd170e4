import { ChainError, JsonLimitError } from "../errors.ts";
import { JsonReader, Token } from "../json/json-reader.ts";
import { pythonStringContent } from "../json/python-string.ts";
import { referenceMember } from "./keyed-chain.ts";

/** A piece of an entry's text, or the key of the object that goes in its place. */
type Piece = { readonly from: number; readonly to: number } | { readonly key: string };

/** Longest nested text unless told otherwise, in characters. */
const defaultMaxLength = 2 ** 30;

/**
 * The deep form of the object `rootKey`, in pieces: its keyed dict with every reference replaced, recursively, by the dict it
 * names. An object that is used twice appears twice, so the text can be exponentially longer than the chain: its length is
 * computed first. (spec/compute-api.md §3.6: what services of 0.7.2 and older read)
 *
 * Throws `ChainError` for a reference to nothing or a cycle, `JsonLimitError` where the text would be longer than `maxLength`
 * characters (2^30 unless given), both before the first piece.
 */
export function nestChain(
  entries: Iterable<{ readonly key: string; readonly text: string }>,
  rootKey: string,
  options: { maxLength?: number } = {},
): Iterable<string> {
  const texts = new Map<string, string>();
  for (const { key, text } of entries) texts.set(key, text);
  const pieces = piecesOfAll(texts, rootKey);
  const length = nestedLength(pieces, rootKey);
  const maxLength = options.maxLength ?? defaultMaxLength;
  if (length > maxLength) {
    throw new JsonLimitError("too-large", rootKey, `The nested form has ${length} characters, more than ${maxLength}`);
  }
  return chunks(texts, pieces, rootKey);
}

function* chunks(
  texts: ReadonlyMap<string, string>,
  pieces: ReadonlyMap<string, readonly Piece[]>,
  rootKey: string,
): Generator<string> {
  const stack = [{ key: rootKey, next: 0 }];
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const piece = (pieces.get(top.key) as readonly Piece[])[top.next++];
    if (piece === undefined) stack.pop();
    else if ("key" in piece) stack.push({ key: piece.key, next: 0 });
    else yield (texts.get(top.key) as string).slice(piece.from, piece.to);
  }
}

/** The pieces of every object that the root needs. */
function piecesOfAll(texts: ReadonlyMap<string, string>, rootKey: string): Map<string, readonly Piece[]> {
  const result = new Map<string, readonly Piece[]>();
  const todo: { readonly key: string; readonly by: string }[] = [{ key: rootKey, by: rootKey }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (result.has(next.key)) continue;
    const text = texts.get(next.key);
    if (text === undefined) throw new ChainError("dangling-reference", next.by, `${next.key} is not in the chain`);
    const pieces = piecesOf(text);
    result.set(next.key, pieces);
    for (const piece of pieces) if ("key" in piece) todo.push({ key: piece.key, by: next.key });
  }
  return result;
}

/** Cuts a keyed dict at its outermost references below the top level. */
function piecesOf(text: string): Piece[] {
  const reader = new JsonReader(text);
  const references: { readonly start: number; readonly end: number; readonly key: string }[] = [];
  // For each open container where it starts and, of an object, the key it refers to.
  const open: { readonly start: number; key: string | undefined }[] = [];
  for (let token = reader.next(); token !== Token.end; token = reader.next()) {
    if (token === Token.objectStart || token === Token.arrayStart) open.push({ start: reader.start, key: undefined });
    else if (token === Token.objectEnd || token === Token.arrayEnd) {
      const { start, key } = open.pop() as (typeof open)[number];
      if (key === undefined || open.length === 0) continue;
      // What lies within a reference is ignored on reading, references included.
      while ((references[references.length - 1]?.start ?? -1) > start) references.pop();
      references.push({ start, end: reader.end, key });
    } else if (token === Token.name && reader.stringValue() === referenceMember) {
      const top = open[open.length - 1];
      const value = reader.next();
      if (value === Token.string && top !== undefined) top.key = reader.stringValue();
      else reader.skipRest(value);
    }
  }
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end, key } of references) {
    pieces.push({ from, to: start }, { key });
    from = end;
  }
  pieces.push({ from, to: text.length });
  return pieces;
}

/** How many characters the nested form has; each object is measured once. A double, so `Infinity` is possible. */
function nestedLength(pieces: ReadonlyMap<string, readonly Piece[]>, rootKey: string): number {
  const lengths = new Map<string, number>();
  const open = new Set<string>();
  const todo = [rootKey];
  for (let key = todo[todo.length - 1]; key !== undefined; key = todo[todo.length - 1]) {
    const own = pieces.get(key) as readonly Piece[];
    if (lengths.has(key)) {
      todo.pop();
    } else if (open.has(key)) {
      let length = 0;
      for (const piece of own) {
        const part = "key" in piece ? lengths.get(piece.key) : piece.to - piece.from;
        if (part === undefined) throw new ChainError("cycle", key, `${key} refers back to itself`);
        length += part;
      }
      lengths.set(key, length);
      open.delete(key);
      todo.pop();
    } else {
      open.add(key);
      for (const piece of own) {
        if (!("key" in piece) || lengths.has(piece.key)) continue;
        if (open.has(piece.key)) throw new ChainError("cycle", key, `${key} refers back to ${piece.key}`);
        todo.push(piece.key);
      }
    }
  }
  return lengths.get(rootKey) as number;
}

/** Wraps a text that comes in pieces as one JSON string, in pieces: for JSON held in a string of JSON. */
export function* jsonStringChunks(chunks: Iterable<string>): Generator<string> {
  yield '"';
  for (const chunk of chunks) yield pythonStringContent(chunk);
  yield '"';
}
