import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { findTasks } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";

const remove = statement<{ network: number; tasks: string }, { task: number }>(
  (p, d) => sql`
    delete from actioned where network = ${p.network} and task in (select value from ${d.list(p.tasks, "bigint")} as i) returning task`,
);
const unlink = statement<{ network: number; tasks: string }>(
  (p, d) => sql`
    delete from restart_counter where task in (select value from ${d.list(p.tasks, "bigint")} as i)
      and pattern in (select id from restart_pattern where network = ${p.network})`,
);

/** Takes Tasks off a hub, with the counters of its patterns; status and claim stay. Null where a Task was not there (§6). */
export async function cancelTasks(
  tx: Transaction,
  network: ScopedKey,
  tasks: readonly ScopedKey[],
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const hub = await findNetwork(tx, network);
  if (hub === null) return tasks.map(() => null);
  const found = await findTasks(tx, tasks, { lock: true });
  const ids = [...new Set(found.flatMap((task) => (task === null ? [] : [task.id])))];
  const removed = new Set(await removeFromHub(tx, hub.id, ids, actor));
  return found.map((task) => (task !== null && removed.has(task.id) ? task.key : null));
}

/** The same by ids; those that were on the hub. */
export async function removeFromHub(tx: Transaction, network: number, tasks: readonly number[], actor: Actor): Promise<number[]> {
  if (tasks.length === 0) return [];
  const removed = (await tx.all(remove, { network, tasks: JSON.stringify(tasks) })).map((row) => row.task);
  if (removed.length > 0) {
    await tx.run(unlink, { network, tasks: JSON.stringify(removed) });
    await recordEvents(
      tx,
      "cancel",
      removed.map((task) => ({ task, network })),
      actor,
    );
  }
  return removed;
}
