/** Writing the entries of a keyed chain into a scope, once (§3). */
import { compareTexts, type PackedEntries, packEntries, packedReferences, packedText } from "@alchemiscale/gufe";
import { ObjectsDiffer } from "../../errors.ts";
import type { ChainEntries } from "../../state-store.ts";
import { insertion } from "../insertion.ts";
import { internClasses } from "../interned/intern-classes.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { differingTexts } from "./differing-texts.ts";
import type { ObjectRow } from "./object-row.ts";

const selectIds = statement<{ scope: number; keys: string }, { key: string; id: number; height: number }>(
  (p, d) => sql`
    select o.key as key, o.id as id, o.height as height from ${d.list(p.keys, "text")} as k
    cross join object o where o.scope = ${p.scope} and o.key = k.value`,
);
const insertReferences = insertion("object_reference", { object: "bigint", target: "bigint" }, "object, target");

export interface StoredObjects {
  /** From the key of an entry to its id. */
  readonly idOf: (key: string) => number;
  /** Keys that stood there with another text, not provably of other content. */
  readonly differing: readonly string[];
}

/**
 * Writes what is not in the scope yet; what is there already stays as it is.
 * @throws {ObjectsDiffer} where the text there is provably of other content: nobody may change another's science under a key (gufe §1.6)
 */
export async function storeObjects(tx: Transaction, scope: number, entries: ChainEntries): Promise<StoredObjects> {
  const packed = "texts" in entries ? entries : packEntries(entries);
  const { keys, qualnames } = packed;
  const classOf = await internClasses(tx, qualnames);
  const listed = JSON.stringify(keys);
  const heights = new Map<string, number>();
  const ids = new Map<string, number>();
  for (const { key, id, height } of await tx.all(selectIds, { scope, keys: listed })) {
    ids.set(key, id);
    heights.set(key, height);
  }

  const missing: ObjectRow[] = [];
  for (const [place, key] of keys.entries()) {
    if (heights.has(key)) continue;
    // An object that was there may stand higher than the submitted one: what is built on it has to stand above.
    let height = 0;
    for (const below of packedReferences(packed, place)) height = Math.max(height, heightOf(heights, keys[below]) + 1);
    heights.set(key, height);
    missing.push({ place, key, class: classOf(qualnames[place] ?? ""), height });
  }
  const written = new Set<string>();
  for (const { key, id } of await tx.dialect.insertObjects(tx, scope, missing, packed)) {
    written.add(key);
    ids.set(key, id);
  }
  if (written.size < missing.length) {
    // Somebody else has written them meanwhile.
    for (const row of await tx.all(selectIds, { scope, keys: listed })) ids.set(row.key, row.id);
  }

  const idOf = (key: string): number => {
    const id = ids.get(key);
    if (id === undefined) throw new Error(`${key} is not among the entries`);
    return id;
  };
  const references: [object: number, target: number][] = [];
  for (const { place, key } of missing) {
    if (!written.has(key)) continue;
    const object = idOf(key);
    for (const below of packedReferences(packed, place)) references.push([object, idOf(keys[below] ?? "")]);
  }
  if (references.length > 0) await tx.insert(insertReferences, references);
  return { idOf, differing: written.size === keys.length ? [] : await compare(tx, scope, packed, written) };
}

/** Of those that were there before, the keys with another text. */
async function compare(tx: Transaction, scope: number, packed: PackedEntries, written: ReadonlySet<string>): Promise<string[]> {
  const sent = new Map<string, string>();
  for (const [place, key] of packed.keys.entries()) if (!written.has(key)) sent.set(key, packedText(packed, place));
  const differing = await differingTexts(
    tx,
    scope,
    [...sent].map(([key, text]) => ({ key, text })),
  );
  const changed = differing.filter(({ key, text }) => compareTexts(text, sent.get(key) ?? text) === "conclusively-different");
  const [first] = changed;
  if (first !== undefined) {
    throw new ObjectsDiffer(`${first.key} stands in the scope with other content`, { key: first.key, count: changed.length });
  }
  return differing.map(({ key }) => key);
}

function heightOf(heights: ReadonlyMap<string, number>, key: string | undefined): number {
  return heights.get(key ?? "") ?? -1;
}
