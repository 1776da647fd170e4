import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { drawKey } from "../hubs/draw-key.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { findTasks } from "./find-tasks.ts";

const selectOthers = statement<{ ids: string; priority: bigint }, { id: number; priority: string }>(
  (p, d) => sql`
    select t.id as id, cast(t.priority as text) as priority from ${d.list(p.ids, "bigint")} as i
    cross join task t where t.id = i.value and t.priority <> ${p.priority} order by i.ord`,
);
const update = statement<{ ids: string; priority: bigint }>(
  (p, d) => sql`update task set priority = ${p.priority} where id in (select value from ${d.list(p.ids, "bigint")} as i)`,
);
// Another level has another clock, so the Task draws a new key there.
const moveDraws = statement<{ ids: string; priority: bigint }>(
  (p, d) => sql`
    update actioned set priority = ${p.priority}, draw = case when draw is null then null
      else ${drawKey(d, { network: sql`actioned.network`, class: sql`actioned.class`, priority: sql`${p.priority}`, weight: sql`actioned.weight` })} end
    where task in (select value from ${d.list(p.ids, "bigint")} as i)`,
);

/** In any status; null where there is no such Task. 1 to 2⁶³ − 1, checked by the caller. */
export async function setPriorities(
  tx: Transaction,
  tasks: readonly (ScopedKey | null)[],
  priority: bigint,
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const found = await findTasks(tx, tasks, { lock: true });
  const named = new Set(found.flatMap((task) => (task === null ? [] : [task.id])));
  const changes = await tx.all(selectOthers, { ids: JSON.stringify([...named]), priority });
  if (changes.length > 0) {
    const ids = JSON.stringify(changes.map(({ id }) => id));
    await tx.run(update, { ids, priority });
    await tx.run(moveDraws, { ids, priority });
    const to = String(priority);
    await recordEvents(
      tx,
      "priority",
      changes.map(({ id, priority: from }) => ({ task: id, from, to })),
      actor,
    );
  }
  return found.map((task) => task?.key ?? null);
}
