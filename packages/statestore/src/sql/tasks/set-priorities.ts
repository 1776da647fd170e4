import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { kindCode } from "../codes.ts";
import { type Author, authorOf } from "../events/record-events.ts";
import { drawKey } from "../hubs/draw-key.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { findTasks } from "./find-tasks.ts";

// Before the change, as the rows themselves say what they were: bringing them here and back would cost as much as the change.
const record = statement<Author & { ids: string; priority: bigint; now: number; kind: number }>(
  (p, d) => sql`
    insert into event (at, kind, task, was, became, identity, service, strategy, reason)
    select cast(${p.now} as bigint), cast(${p.kind} as smallint), t.id, cast(t.priority as text), cast(cast(${p.priority} as bigint) as text),
      cast(${p.identity} as bigint), cast(${p.service} as bigint), cast(${p.strategy} as bigint), cast(${p.reason} as text)
    from ${d.list(p.ids, "bigint")} as i cross join task t where t.id = i.value and t.priority <> ${p.priority} order by i.ord`,
);
const update = statement<{ ids: string; priority: bigint }>(
  (p, d) => sql`
    update task set priority = ${p.priority}
    where id in (select value from ${d.list(p.ids, "bigint")} as i) and priority <> ${p.priority}`,
);
// Another level has another clock, so the Task draws a new key there.
const moveDraws = statement<{ ids: string; priority: bigint }>(
  (p, d) => sql`
    update actioned set priority = ${p.priority}, draw = case when draw is null then null
      else ${drawKey(d, { network: sql`actioned.network`, class: sql`actioned.class`, priority: sql`${p.priority}`, weight: sql`actioned.weight` })} end
    where task in (select value from ${d.list(p.ids, "bigint")} as i) and priority <> ${p.priority}`,
);

/** In any status; null where there is no such Task. 1 to 2⁶³ − 1, checked by the caller. */
export async function setPriorities(
  tx: Transaction,
  tasks: readonly (ScopedKey | null)[],
  priority: bigint,
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const found = await findTasks(tx, tasks, { lock: true });
  const ids = JSON.stringify([...new Set(found.flatMap((task) => (task === null ? [] : [task.id])))]);
  const author = await authorOf(tx, actor);
  if ((await tx.run(record, { ids, priority, now: tx.now, kind: kindCode("priority"), ...author })) > 0) {
    await tx.run(update, { ids, priority });
    await tx.run(moveDraws, { ids, priority });
  }
  return found.map((task) => task?.key ?? null);
}
