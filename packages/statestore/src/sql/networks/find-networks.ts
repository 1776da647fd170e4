/** From ScopedKeys of networks to the ids of the store. */
import type { ScopedKey } from "@alchemiscale/contract";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

export interface NetworkRow {
  readonly id: number;
  readonly key: ScopedKey;
  readonly state: number;
  readonly weight: number;
}

const select = statement<{ keys: string }, { ord: number; id: number; state: number; weight: number }>(
  (p, d) => sql`
    select k.ord as ord, n.id as id, n.state as state, n.weight as weight
    from ${d.rows(p.keys, { key: "text", scope: "text" })} as k
    cross join scope s cross join object o cross join network n
    where s.text = k.scope and o.scope = s.id and o.key = k.key and n.id = o.id`,
);
const lock = statement<{ ids: string }, { id: number }>(
  (p, d) =>
    sql`select n.id as id from network n where n.id in (select value from ${d.list(p.ids, "bigint")} as i) order by n.id ${d.lock("n", "update")}`,
);

/** Aligned with the input; null where there is no such network. With `lock`, the rows are this transaction's until it ends. */
export async function findNetworks(
  tx: Transaction,
  keys: readonly ScopedKey[],
  options: { readonly lock?: boolean } = {},
): Promise<(NetworkRow | null)[]> {
  const found: (NetworkRow | null)[] = keys.map(() => null);
  if (keys.length === 0) return found;
  const parameters = { keys: JSON.stringify(keys.map(splitKey)) };
  if (options.lock === true && tx.dialect.locksRows) {
    const ids = (await tx.all(select, parameters)).map((row) => row.id);
    await tx.all(lock, { ids: JSON.stringify([...new Set(ids)]) });
  }
  for (const { ord, id, state, weight } of await tx.all(select, parameters)) {
    const key = keys[ord];
    if (key !== undefined) found[ord] = { id, key, state, weight };
  }
  return found;
}

export async function findNetwork(tx: Transaction, key: ScopedKey): Promise<NetworkRow | null> {
  return (await findNetworks(tx, [key]))[0] ?? null;
}
