import { type JsonReader, Token } from "../json/json-reader.ts";
import { referenceMember } from "./keyed-chain.ts";

/** What a chain needs to know of one keyed dict, read in one pass without building a tree. */
export interface KeyedDictFacts {
  /** Index after the closing brace. */
  readonly end: number;
  /** `__qualname__`, `__module__` and `_key` where present and strings. */
  readonly qualname: string | undefined;
  readonly module: string | undefined;
  readonly ownKey: string | undefined;
  /** The keys referred to: distinct, in order of appearance. */
  readonly references: readonly string[];
  /** Where a reference is no string, if there is one. */
  readonly badReferenceAt: number | undefined;
}

/**
 * Reads the keyed dict whose `{` was the last token of `reader`.
 * A dict below the top level with a member `:gufe-key:` is a reference, whatever else it holds; strings are opaque, even
 * where they hold JSON (mapping annotations, GraphML).
 */
export function readKeyedDict(reader: JsonReader): KeyedDictFacts {
  const top = reader.depth;
  const markers = new Map<string, string>();
  const references = new Set<string>();
  let badReferenceAt: number | undefined;
  // One slot an open container: the reference that this object is, if it is one, or where a value stands that is no text. The
  // last of repeated members counts.
  const referenceOf: (string | number | undefined)[] = [];
  for (;;) {
    const token = reader.next();
    switch (token) {
      case Token.objectStart:
      case Token.arrayStart:
        referenceOf.push(undefined);
        break;
      case Token.objectEnd:
      case Token.arrayEnd: {
        if (reader.depth < top) return finished(reader.end);
        const reference = referenceOf.pop();
        if (typeof reference === "string") references.add(reference);
        else if (reference !== undefined) badReferenceAt ??= reference;
        break;
      }
      case Token.name: {
        if (referenceOf.length === 0) {
          const name = reader.stringValue();
          if (name !== "__qualname__" && name !== "__module__" && name !== "_key") break;
          if (readString(name) === undefined) markers.delete(name);
        } else if (isReferenceName(reader)) {
          const at = reader.end;
          referenceOf[referenceOf.length - 1] = readString(undefined) ?? at;
        }
        break;
      }
      default:
    }
  }

  /** Reads the member's value; a string is returned (and kept as a marker), anything else passed over. */
  function readString(marker: string | undefined): string | undefined {
    const first = reader.next();
    if (first !== Token.string) {
      reader.skipRest(first);
      return undefined;
    }
    const value = reader.stringValue();
    if (marker !== undefined) markers.set(marker, value);
    return value;
  }

  function finished(end: number): KeyedDictFacts {
    return {
      end,
      qualname: markers.get("__qualname__"),
      module: markers.get("__module__"),
      ownKey: markers.get("_key"),
      references: [...references],
      badReferenceAt,
    };
  }
}

/** Whether the name just read is `:gufe-key:`; the length tells for nearly all others without making a string. */
function isReferenceName(reader: JsonReader): boolean {
  const { text, start, end } = reader;
  const length = end - start - 2;
  if (length < referenceMember.length) return false;
  if (length === referenceMember.length) return text.startsWith(referenceMember, start + 1);
  return text.charCodeAt(start + 1) <= 0x5c && text.slice(start, end).includes("\\") && reader.stringValue() === referenceMember;
}
