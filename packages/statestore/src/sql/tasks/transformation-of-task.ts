import type { ScopedKey } from "@alchemiscale/contract";
import { joinKey, splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ token: string; scope: string }, { key: string }>(
  (p) => sql`
    select o.key as key from task t join scope s on s.id = t.scope join object o on o.id = t.transformation
    where t.token = ${p.token} and s.text = ${p.scope}`,
);

export async function transformationOfTask(tx: Transaction, task: ScopedKey): Promise<ScopedKey | null> {
  const [token, scope] = splitToken(task, "Task");
  const row = await tx.first(select, { token, scope });
  return row === undefined ? null : joinKey(row.key, scope);
}
