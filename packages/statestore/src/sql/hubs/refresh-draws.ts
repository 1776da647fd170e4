/** Keeps the draw keys right when Tasks have changed (design: only what can be claimed carries a key). */
import { status as code } from "../codes.ts";
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { drawKey } from "./draw-key.ts";

/** True for a row `actioned` whose Task can be claimed: waiting, extends nothing or what is complete, weight above 0 (§7.1). */
export const claimable: Fragment = sql`(actioned.weight > 0 and exists (
    select 1 from task t where t.id = actioned.task and t.status = ${code.waiting} and t.service is null
      and (t.extends is null or (select p.status from task p where p.id = t.extends) = ${code.complete})))`;

/** The key of a row `actioned` of its own level. */
export function ownDrawKey(d: Dialect): Fragment {
  return drawKey(d, {
    network: sql`actioned.network`,
    class: sql`actioned.class`,
    priority: sql`actioned.priority`,
    weight: sql`actioned.weight`,
  });
}

const give = statement<{ ids: string }>(
  (p, d) => sql`
    update actioned set draw = ${ownDrawKey(d)}
    where task in (select value from ${d.list(p.ids, "bigint")} as i) and draw is null and ${claimable}`,
);
const take = statement<{ ids: string }>(
  (p, d) => sql`
    update actioned set draw = null
    where task in (select value from ${d.list(p.ids, "bigint")} as i) and draw is not null and not ${claimable}`,
);

/** Gives a fresh key to what has become claimable and takes it from what no longer is; the others keep theirs. */
export async function refreshDraws(tx: Transaction, tasks: readonly number[]): Promise<void> {
  if (tasks.length === 0) return;
  const ids = JSON.stringify(tasks);
  await tx.run(give, { ids });
  await tx.run(take, { ids });
}
