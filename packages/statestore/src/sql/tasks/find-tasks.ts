/** From ScopedKeys of Tasks to the rows of the store. */
import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { statusOf } from "../codes.ts";
import type { Dialect } from "../dialect.ts";
import { splitToken } from "../scoped-keys.ts";
import { type Fragment, type Parameters, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

export interface TaskRow {
  readonly id: number;
  readonly key: ScopedKey;
  readonly status: TaskStatus;
  readonly transformation: number;
  /** Registration that claims it. */
  readonly service: number | null;
}

type Row = { ord: number; id: number; status: number; transformation: number; service: number | null };

const found = (p: Parameters<{ keys: string }>, d: Dialect): Fragment => sql`
    select k.ord as ord, t.id as id, t.status as status, t.transformation as transformation, t.service as service
    from ${d.rows(p.keys, { token: "text", scope: "text" })} as k cross join task t cross join scope s
    where t.token = k.token and s.id = t.scope and s.text = k.scope`;
const select = statement<{ keys: string }, Row>(found);
// What comes back is the row as it stands when the lock is had, not as it was when it was found.
const selectLocked = statement<{ keys: string }, Row>((p, d) => sql`${found(p, d)} order by t.id ${d.lock("t", "update")}`);
const lock = statement<{ ids: string }, { id: number }>(
  (p, d) => sql`
    select t.id as id from task t where t.id in (select value from ${d.list(p.ids, "bigint")} as i)
    order by t.id ${d.lock("t", "update")}`,
);

/**
 * Aligned with the input; null where there is no such Task. With `lock`, the rows are this transaction's until it ends: without it a
 * status may have changed by the time it is judged.
 */
export async function findTasks(
  tx: Transaction,
  keys: readonly (ScopedKey | null)[],
  options: { readonly lock?: boolean } = {},
): Promise<(TaskRow | null)[]> {
  const rows: (TaskRow | null)[] = keys.map(() => null);
  if (keys.length === 0) return rows;
  const parameters = { keys: JSON.stringify(keys.map((key) => (key === null ? ["", ""] : splitToken(key, "Task")))) };
  const locked = options.lock === true && tx.dialect.locksRows;
  for (const { ord, id, status, transformation, service } of await tx.all(locked ? selectLocked : select, parameters)) {
    const key = keys[ord];
    if (key !== null && key !== undefined) rows[ord] = { id, key, status: statusOf(status), transformation, service };
  }
  return rows;
}

export async function findTask(
  tx: Transaction,
  key: ScopedKey,
  options: { readonly lock?: boolean } = {},
): Promise<TaskRow | null> {
  return (await findTasks(tx, [key], options))[0] ?? null;
}

/** Takes the rows in the order of their ids: a Task that is extended comes before what extends it, for everyone. */
export async function lockTasks(tx: Transaction, ids: readonly number[]): Promise<void> {
  if (tx.dialect.locksRows && ids.length > 0) await tx.all(lock, { ids: JSON.stringify([...new Set(ids)]) });
}
