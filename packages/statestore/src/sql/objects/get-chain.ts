import type { ScopedKey } from "@alchemiscale/contract";
import { type PackedObjects, packObjects } from "@alchemiscale/gufe";
import type { ObjectText } from "../../state-store.ts";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ key: string; scope: string }, { id: number; height: number; key: string; text: string }>(
  (p) => sql`
    with recursive closure (id) as (
      select o.id from scope s join object o on o.scope = s.id where s.text = ${p.scope} and o.key = ${p.key}
      union
      select r.target from closure c join object_reference r on r.object = c.id)
    select o.id as id, o.height as height, o.key as key, o.text as text from closure c cross join object o where o.id = c.id`,
);

/** The object and everything it refers to, dependencies first, the object last; null when absent. */
export async function getChain(tx: Transaction, key: ScopedKey): Promise<ObjectText[] | null> {
  const [gufeKey, scope] = splitKey(key);
  const rows = await tx.all(select, { key: gufeKey, scope });
  if (rows.length === 0) return null;
  // Sorted here: a database would carry the texts through its sort.
  rows.sort((a, b) => a.height - b.height || a.id - b.id);
  return rows.map(({ key, text }) => ({ key, text }));
}

/** The same, packed. */
export async function getPackedChain(tx: Transaction, key: ScopedKey): Promise<PackedObjects | null> {
  const chain = await getChain(tx, key);
  return chain === null ? null : packObjects(chain);
}
