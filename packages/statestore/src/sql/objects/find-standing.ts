import type { Scope } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ scope: string; keys: string }, { key: string }>(
  (p, d) => sql`
    select o.key as key from scope s cross join ${d.list(p.keys, "text")} as k cross join object o
    where s.text = ${p.scope} and o.scope = s.id and o.key = k.value`,
);

/** Those of `keys` under which an object stands in the scope. */
export async function findStanding(tx: Transaction, scope: Scope, keys: readonly string[]): Promise<string[]> {
  const rows = await tx.all(select, { scope, keys: JSON.stringify(keys) });
  return rows.map(({ key }) => key);
}
