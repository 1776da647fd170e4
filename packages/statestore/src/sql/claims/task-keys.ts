import type { ScopedKey } from "@alchemiscale/contract";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ ids: string }, { ord: number; token: string; scope: string }>(
  (p, d) => sql`
    select i.ord as ord, t.token as token, s.text as scope
    from ${d.list(p.ids, "bigint")} as i cross join task t cross join scope s where t.id = i.value and s.id = t.scope`,
);

/** The ScopedKeys of Tasks, in the same order, padded with null to `count`. */
export async function paddedTaskKeys(tx: Transaction, ids: readonly number[], count: number): Promise<(ScopedKey | null)[]> {
  const keys: (ScopedKey | null)[] = new Array(Math.max(0, count)).fill(null);
  if (ids.length === 0) return keys;
  for (const { ord, token, scope } of await tx.all(select, { ids: JSON.stringify(ids) }))
    keys[ord] = joinKey(`Task-${token}`, scope);
  return keys;
}
