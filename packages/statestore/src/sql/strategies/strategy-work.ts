import type { ScopedKey } from "@alchemiscale/contract";
import type { StrategyWork } from "../../strategy-operations.ts";
import { status as code, statusOf } from "../codes.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { strategyOf } from "./describe-strategy.ts";

const selectTransformations = statement<
  { network: number },
  { key: string; summary: string | null; results: number; errors: number }
>(
  (p) => sql`
    select o.key as key, e.text as summary,
      (select count(distinct r.token) from task t cross join result r
        where t.transformation = nt.transformation and r.task = t.id and r.ok = 1) as results,
      (select count(*) from task t where t.transformation = nt.transformation and t.status = ${code.error}) as errors
    from network_transformation nt cross join object o left join transformation_estimate e on e.transformation = o.id
    where nt.network = ${p.network} and o.id = nt.transformation order by o.key`,
);
const selectTasks = statement<{ network: number }, { token: string; key: string; status: number; actioned: number }>(
  (p) => sql`
    select t.token as token, o.key as key, t.status as status, case when a.task is null then 0 else 1 end as actioned
    from network_transformation nt cross join task t cross join object o left join actioned a on a.network = ${p.network} and a.task = t.id
    where nt.network = ${p.network} and t.transformation = nt.transformation and o.id = nt.transformation
      and t.status in (${code.waiting}, ${code.running}, ${code.error}) and (t.status <> ${code.error} or a.task is not null)
    order by t.id`,
);

/** What an execution of a network's strategy needs to know; null where it has none. */
export async function strategyWork(tx: Transaction, network: ScopedKey): Promise<StrategyWork | null> {
  const found = await findNetwork(tx, network);
  const [, scope] = splitKey(network);
  const strategy = found === null ? null : await strategyOf(tx, found.id, scope);
  if (found === null || strategy === null) return null;
  const transformations = await tx.all(selectTransformations, { network: found.id });
  const tasks = await tx.all(selectTasks, { network: found.id });
  return {
    ...strategy,
    resultCount: transformations.reduce((sum, { results }) => sum + results, 0),
    transformations: transformations.map(({ key, summary, results, errors }) => ({
      transformation: key,
      results,
      hasError: errors > 0,
      summary,
    })),
    tasks: tasks.map(({ token, key, status, actioned }) => ({
      task: joinKey(`Task-${token}`, scope),
      transformation: key,
      status: statusOf(status),
      actioned: actioned === 1,
    })),
  };
}
