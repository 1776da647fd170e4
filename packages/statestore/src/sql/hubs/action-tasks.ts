import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor, TaskWeights } from "../../state-store.ts";
import { status as code } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { holdNetwork } from "../networks/hold-network.ts";
import { sql, statement } from "../statement.ts";
import { findTasks, lockTasks } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { drawKey } from "./draw-key.ts";
import { setTaskWeights } from "./set-task-weights.ts";

const defaultWeight = 0.5;

const selectExtended = statement<{ ids: string }, { id: number }>(
  (p, d) => sql`
    select t.extends as id from ${d.list(p.ids, "bigint")} as i cross join task t where t.id = i.value and t.extends is not null`,
);
const insert = statement<{ network: number; tasks: string }, { task: number; weight: number }>(
  (p, d) => sql`
    insert into actioned (network, task, class, priority, weight, draw)
    select nt.network, t.id, tf.protocol, t.priority, w.weight,
      case when t.status = ${code.waiting} and t.service is null and w.weight > 0 and (t.extends is null or e.status = ${code.complete})
        then ${drawKey(d, { network: sql`nt.network`, class: sql`tf.protocol`, priority: sql`t.priority`, weight: sql`w.weight` })} end
    from ${d.rows(p.tasks, { task: "bigint", weight: "double precision" })} as w
    cross join task t cross join network_transformation nt cross join transformation tf
    left join task e on e.id = t.extends
    where t.id = w.task and nt.network = ${p.network} and nt.transformation = t.transformation and tf.id = t.transformation
      and t.status in (${code.waiting}, ${code.running}, ${code.error})
    order by w.ord
    on conflict (network, task) do nothing returning task, weight`,
);
const linkPatterns = statement<{ network: number; tasks: string }>(
  (p, d) => sql`
    insert into restart_counter (pattern, task, retries)
    select r.id, i.value, 0 from restart_pattern r cross join ${d.list(p.tasks, "bigint")} as i where r.network = ${p.network}
    on conflict (pattern, task) do nothing`,
);

/** Puts Tasks on a network's hub (§6). Weights apply to those listed, also to those that were there before. */
export async function actionTasks(
  tx: Transaction,
  network: ScopedKey,
  tasks: readonly ScopedKey[],
  weights: TaskWeights,
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const hub = await findNetwork(tx, network);
  if (hub === null || tasks.length === 0) return tasks.map(() => null);
  // A pattern that is added meanwhile would miss these Tasks.
  await holdNetwork(tx, hub.id);
  if (tx.dialect.locksRows) await lockWithExtended(tx, tasks);
  const found = await findTasks(tx, tasks);

  const wanted = new Map<number, number | null>();
  found.forEach((task, i) => {
    const weight = typeof weights === "object" ? (weights?.[i] ?? null) : weights;
    // Named twice, the last weight counts.
    if (task !== null) wanted.set(task.id, weight);
  });
  const rows = [...wanted].map(([task, weight]) => [task, weight ?? defaultWeight]);
  const joined = await tx.all(insert, { network: hub.id, tasks: JSON.stringify(rows) });
  const added = new Set(joined.map((row) => row.task));
  if (joined.length > 0) {
    await tx.run(linkPatterns, { network: hub.id, tasks: JSON.stringify([...added]) });
    await recordEvents(
      tx,
      "action",
      joined.map(({ task, weight }) => ({ task, network: hub.id, to: weight })),
      actor,
    );
  }
  const others = [...wanted].flatMap(([task, weight]) => (weight === null || added.has(task) ? [] : [[task, weight] as const]));
  await setTaskWeights(tx, hub.id, others, actor);

  return found.map((task) => (task !== null && added.delete(task.id) ? task.key : null));
}

/** A Task's key depends on the Task that it extends, so that one must not complete meanwhile. */
async function lockWithExtended(tx: Transaction, tasks: readonly ScopedKey[]): Promise<void> {
  const ids = (await findTasks(tx, tasks)).flatMap((task) => (task === null ? [] : [task.id]));
  const extended = await tx.all(selectExtended, { ids: JSON.stringify(ids) });
  await lockTasks(tx, [...ids, ...extended.map((row) => row.id)]);
}
