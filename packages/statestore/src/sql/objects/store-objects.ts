/** Writing the entries of a keyed chain into a scope, once (§3). */
import type { ChainEntry } from "@alchemiscale/gufe";
import { ObjectsDiffer } from "../../errors.ts";
import { internClasses } from "../interned/intern-classes.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { differingTexts } from "./differing-texts.ts";
import { inChunks } from "./in-chunks.ts";

const selectIds = statement<{ scope: number; keys: string }, { key: string; id: number; height: number }>(
  (p, d) => sql`
    select o.key as key, o.id as id, o.height as height from ${d.list(p.keys, "text")} as k
    cross join object o where o.scope = ${p.scope} and o.key = k.value`,
);
const insertReferences = statement<{ references: string }>(
  (p, d) => sql`
    insert into object_reference (object, target)
    select object, target from ${d.rows(p.references, { object: "bigint", target: "bigint" })} as r where true
    on conflict (object, target) do nothing`,
);

export interface StoredObjects {
  /** Ids of all entries, by key. */
  readonly ids: ReadonlyMap<string, number>;
  /** Keys that were written now. */
  readonly written: ReadonlySet<string>;
  /** Accepted keys that stood there with another text. */
  readonly differing: readonly string[];
}

export interface ObjectsToStore {
  readonly entries: readonly ChainEntry[];
  readonly accepted?: readonly string[];
}

/**
 * Writes what is not in the scope yet; what is there already stays as it is.
 * @throws {ObjectsDiffer} where the text there is another and the key is not among `accepted`
 */
export async function storeObjects(tx: Transaction, scope: number, objects: ObjectsToStore): Promise<StoredObjects> {
  const { entries, accepted = [] } = objects;
  const classes = await internClasses(
    tx,
    entries.map((entry) => entry.qualname),
  );
  const keys = JSON.stringify(entries.map((entry) => entry.key));
  const before = await tx.all(selectIds, { scope, keys });
  const heights = new Map(before.map((row) => [row.key, row.height]));

  const ids = new Map(before.map((row) => [row.key, row.id]));
  const written = new Set<string>();
  const missing = entries.filter((entry) => !heights.has(entry.key));
  for (const chunk of inChunks(missing, (entry) => entry.text.length)) {
    const rows = chunk.map((entry) => {
      // An object that was there may stand higher than the submitted one: what is built on it has to stand above.
      const height = entry.references.reduce((highest, key) => Math.max(highest, (heights.get(key) ?? -1) + 1), 0);
      heights.set(entry.key, height);
      return { key: entry.key, class: classOf(classes, entry.qualname), height, text: entry.text };
    });
    for (const { key, id } of await tx.dialect.insertObjects(tx, scope, rows)) {
      written.add(key);
      ids.set(key, id);
    }
  }
  if (written.size < missing.length) {
    // Somebody else has written them meanwhile.
    for (const row of await tx.all(selectIds, { scope, keys })) ids.set(row.key, row.id);
  }

  const references = entries
    .filter((entry) => written.has(entry.key))
    .flatMap((entry) => entry.references.map((key) => [ids.get(entry.key), ids.get(key)]));
  if (references.length > 0) await tx.run(insertReferences, { references: JSON.stringify(references) });

  const old = entries.filter((entry) => !written.has(entry.key));
  const differing = (await differingTexts(tx, scope, old)).map((object) => object.key);
  const mayDiffer = new Set(accepted);
  const refused = differing.find((key) => !mayDiffer.has(key));
  if (refused !== undefined) {
    throw new ObjectsDiffer(`${refused} stands in the scope with another text`, { key: refused, count: differing.length });
  }
  return { ids, written, differing };
}

function classOf(classes: ReadonlyMap<string, number>, qualname: string): number {
  const id = classes.get(qualname);
  if (id === undefined) throw new Error(`the class ${qualname} was not interned`);
  return id;
}
