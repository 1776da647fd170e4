import type { ScopedKey } from "@alchemiscale/contract";
import { splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ keys: string }, { ord: number; priority: string }>(
  (p, d) => sql`
    select k.ord as ord, cast(t.priority as text) as priority
    from ${d.rows(p.keys, { token: "text", scope: "text" })} as k cross join task t cross join scope s
    where t.token = k.token and s.id = t.scope and s.text = k.scope`,
);

/** 64-bit, so bigints; null where there is no such Task. */
export async function getPriorities(tx: Transaction, tasks: readonly (ScopedKey | null)[]): Promise<(bigint | null)[]> {
  const priorities: (bigint | null)[] = tasks.map(() => null);
  if (tasks.length === 0) return priorities;
  const keys = JSON.stringify(tasks.map((key) => (key === null ? ["", ""] : splitToken(key, "Task"))));
  for (const { ord, priority } of await tx.all(select, { keys })) priorities[ord] = BigInt(priority);
  return priorities;
}
