import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { claimable, ownDrawKey } from "./refresh-draws.ts";

const select = statement<{ network: number; weights: string }, { task: number; was: number; becomes: number }>(
  (p, d) => sql`
    select a.task as task, a.weight as was, w.weight as becomes
    from ${d.rows(p.weights, { task: "bigint", weight: "double precision" })} as w cross join actioned a
    where a.network = ${p.network} and a.task = w.task and a.weight <> w.weight order by a.task ${d.lock("a", "update")}`,
);
const update = statement<{ network: number; weights: string }>(
  (p, d) => sql`
    update actioned set weight = w.weight from ${d.rows(p.weights, { task: "bigint", weight: "double precision" })} as w
    where actioned.network = ${p.network} and actioned.task = w.task`,
);
const redraw = statement<{ network: number; tasks: string }>(
  (p, d) => sql`
    update actioned set draw = case when ${claimable} then ${ownDrawKey(d)} end
    where network = ${p.network} and task in (select value from ${d.list(p.tasks, "bigint")} as i)`,
);

/** New weights of Tasks on a hub, each of which draws a new key; those that are not there are skipped (§6). */
export async function setTaskWeights(
  tx: Transaction,
  network: number,
  weights: readonly (readonly [task: number, weight: number])[],
  actor: Actor,
): Promise<void> {
  if (weights.length === 0) return;
  const changes = await tx.all(select, { network, weights: JSON.stringify(weights) });
  if (changes.length === 0) return;
  await tx.run(update, { network, weights: JSON.stringify(changes.map(({ task, becomes }) => [task, becomes])) });
  await tx.run(redraw, { network, tasks: JSON.stringify(changes.map(({ task }) => task)) });
  await recordEvents(
    tx,
    "weight",
    changes.map(({ task, was, becomes }) => ({ task, network, from: was, to: becomes })),
    actor,
  );
}
