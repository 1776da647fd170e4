/** Moving Tasks to a status with everything that follows (§5.2). The caller has locked them and asked the status machine. */
import type { TaskStatus } from "@alchemiscale/contract";
import { cascades, dropsClaim, leavesHubs } from "../../rules/status-machine.ts";
import type { Actor } from "../../state-store.ts";
import { status as code, statusCode, statusOf } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { refreshDraws } from "../hubs/refresh-draws.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { lockTasks } from "./find-tasks.ts";

export interface MovedTask {
  readonly id: number;
  readonly status: TaskStatus;
}

const update = statement<{ ids: string; status: number }>(
  (p, d) => sql`update task set status = ${p.status} where id in (select value from ${d.list(p.ids, "bigint")} as i)`,
);
const dropClaims = statement<{ ids: string }>(
  (p, d) => sql`
    update task set service = null, claimed = null
    where id in (select value from ${d.list(p.ids, "bigint")} as i) and service is not null`,
);
const leave = statement<{ ids: string }>(
  (p, d) => sql`delete from actioned where task in (select value from ${d.list(p.ids, "bigint")} as i)`,
);
const endRestarts = statement<{ ids: string }>(
  (p, d) => sql`delete from restart_counter where task in (select value from ${d.list(p.ids, "bigint")} as i)`,
);
const selectDescendants = statement<{ ids: string }, { id: number; status: number }>(
  (p, d) => sql`
    with recursive descendant (id) as (
      select c.id from ${d.list(p.ids, "bigint")} as i cross join task c where c.extends = i.value
      union select c.id from descendant d join task c on c.extends = d.id)
    select t.id as id, t.status as status from descendant d join task t on t.id = d.id
    where t.status not in (${code.invalid}, ${code.deleted})`,
);
const selectWaitingChildren = statement<{ ids: string }, { id: number }>(
  (p, d) => sql`
    select c.id as id from ${d.list(p.ids, "bigint")} as i cross join task c where c.extends = i.value and c.status = ${code.waiting}`,
);

/** Sets the status of all of `tasks` (distinct), which {@link mayMove} allows. */
export async function moveTasks(tx: Transaction, tasks: readonly MovedTask[], to: TaskStatus, actor: Actor): Promise<void> {
  if (tasks.length === 0) return;
  const all = new Map(tasks.map((task) => [task.id, task.status]));
  if (cascades(to)) for (const { id, status } of await descendants(tx, [...all.keys()])) all.set(id, status);
  const ids = JSON.stringify([...all.keys()]);

  const changed = [...all].filter(([, from]) => from !== to);
  if (changed.length > 0) await tx.run(update, { ids: JSON.stringify(changed.map(([id]) => id)), status: statusCode(to) });
  await recordEvents(
    tx,
    "status",
    changed.map(([task, from]) => ({ task, from, to })),
    actor,
  );
  if (dropsClaim(to)) await tx.run(dropClaims, { ids });
  if (leavesHubs(to)) {
    await tx.run(leave, { ids });
    await tx.run(endRestarts, { ids });
  } else {
    await refreshDraws(tx, [...all.keys()]);
  }
  if (to === "complete") await refreshDraws(tx, await lockedChildren(tx, ids));
}

async function descendants(tx: Transaction, ids: readonly number[]): Promise<MovedTask[]> {
  const parameters = { ids: JSON.stringify(ids) };
  let found = await tx.all(selectDescendants, parameters);
  if (tx.dialect.locksRows && found.length > 0) {
    await lockTasks(
      tx,
      found.map((task) => task.id),
    );
    found = await tx.all(selectDescendants, parameters);
  }
  return found.map(({ id, status }) => ({ id, status: statusOf(status) }));
}

/** What waited for these Tasks to complete. */
async function lockedChildren(tx: Transaction, ids: string): Promise<number[]> {
  const children = (await tx.all(selectWaitingChildren, { ids })).map((task) => task.id);
  await lockTasks(tx, children);
  return children;
}
