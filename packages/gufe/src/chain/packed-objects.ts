import type { ChainEntry } from "./keyed-chain.ts";

/**
 * Texts of objects in one block of bytes. As strings the objects of a large network would be made anew in each thread that they pass;
 * a block is handed on as it is.
 */
export interface PackedObjects {
  readonly keys: readonly string[];
  /** The keyed dicts in UTF-8, one after the other. */
  readonly texts: Uint8Array<ArrayBuffer>;
  /** Where each ends in `texts`, in bytes. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** The entries of a chain. */
export interface PackedEntries extends PackedObjects {
  readonly qualnames: readonly string[];
  /** The entries that each refers to, as their places in the chain, one after the other. */
  readonly references: Uint32Array<ArrayBuffer>;
  /** Where the references of each end in `references`. */
  readonly referenceEnds: Uint32Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** @throws {RangeError} beyond 4 GiB */
export function packObjects(objects: readonly { readonly key: string; readonly text: string }[]): PackedObjects {
  // As a rule a character is a byte.
  let texts = new Uint8Array(objects.reduce((sum, { text }) => sum + text.length, 0));
  const ends = new Uint32Array(objects.length);
  let end = 0;
  for (const [i, { text }] of objects.entries()) {
    let { read, written } = encoder.encodeInto(text, texts.subarray(end));
    if (read < text.length) {
      texts = grown(texts, end + 3 * text.length);
      ({ read, written } = encoder.encodeInto(text, texts.subarray(end)));
    }
    end += written;
    if (end > 0xffff_ffff) throw new RangeError("the objects have more than 4 GiB");
    ends[i] = end;
  }
  return { keys: objects.map(({ key }) => key), texts: end === texts.length ? texts : texts.slice(0, end), ends };
}

function grown(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}

/** @throws {RangeError} where an entry refers to one that does not stand before it */
export function packEntries(entries: readonly ChainEntry[]): PackedEntries {
  const places = new Map<string, number>();
  const references = new Uint32Array(entries.reduce((sum, entry) => sum + entry.references.length, 0));
  const referenceEnds = new Uint32Array(entries.length);
  let end = 0;
  for (const [i, entry] of entries.entries()) {
    for (const key of entry.references) {
      const place = places.get(key);
      if (place === undefined) throw new RangeError(`${entry.key} refers to ${key}, which does not stand before it`);
      references[end] = place;
      end += 1;
    }
    referenceEnds[i] = end;
    places.set(entry.key, i);
  }
  return { ...packObjects(entries), qualnames: entries.map(({ qualname }) => qualname), references, referenceEnds };
}

/** The blocks of memory that can be handed over to another thread, and are lost here then. */
export function blocksOf(packed: PackedObjects | PackedEntries): ArrayBuffer[] {
  const blocks = [packed.texts.buffer, packed.ends.buffer];
  return "references" in packed ? [...blocks, packed.references.buffer, packed.referenceEnds.buffer] : blocks;
}

export function isPacked(value: unknown): value is PackedObjects {
  return typeof value === "object" && value !== null && "texts" in value && value.texts instanceof Uint8Array && "ends" in value;
}

/** The bytes of one text, in place. */
export function packedBytes({ texts, ends }: PackedObjects, i: number): Uint8Array<ArrayBuffer> {
  return texts.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
}

export function packedText(packed: PackedObjects, i: number): string {
  return decoder.decode(packedBytes(packed, i));
}

/** What entry `i` refers to, as places. */
export function packedReferences({ references, referenceEnds }: PackedEntries, i: number): Uint32Array {
  return references.subarray(i === 0 ? 0 : referenceEnds[i - 1], referenceEnds[i]);
}

export function* unpackObjects(packed: PackedObjects): Generator<{ readonly key: string; readonly text: string }> {
  for (const [i, key] of packed.keys.entries()) yield { key, text: packedText(packed, i) };
}
