import type { ScopedKey } from "@alchemiscale/contract";
import type { Event, Instant } from "../../state-store.ts";
import { kindOf } from "../codes.ts";
import { joinKey, splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<
  { token: string; scope: string; after: number; limit: number },
  {
    id: number;
    at: Instant;
    kind: number;
    network: string | null;
    was: string | null;
    became: string | null;
    identity: string | null;
    service: string | null;
    strategy: string | null;
    reason: string | null;
  }
>(
  (p) => sql`
    select e.id as id, e.at as at, e.kind as kind, o.key as network, e.was as was, e.became as became,
      i.name as identity, v.name as service, y.name as strategy, e.reason as reason
    from task t join scope s on s.id = t.scope join event e on e.task = t.id
      left join object o on o.id = e.network left join agent i on i.id = e.identity
      left join agent v on v.id = e.service left join agent y on y.id = e.strategy
    where t.token = ${p.token} and s.text = ${p.scope} and e.id > ${p.after} order by e.id limit cast(${p.limit} as bigint)`,
);
const selectLatest = statement<Record<never, never>, { id: number | null }>(() => sql`select max(id) as id from event`);

/** Oldest first, after the given id. */
export async function eventsOfTask(tx: Transaction, task: ScopedKey, after = 0, limit = 1000): Promise<Event[]> {
  const [token, scope] = splitToken(task, "Task");
  const rows = await tx.all(select, { token, scope, after, limit });
  return rows.map(({ id, at, kind, network, was, became, identity, service, strategy, reason }) => ({
    id,
    at,
    kind: kindOf(kind),
    task,
    network: network === null ? null : joinKey(network, scope),
    from: was,
    to: became,
    identity,
    service,
    strategy,
    reason,
  }));
}

/** The id of the last event; 0 before the first. */
export async function latestEvent(tx: Transaction): Promise<number> {
  return (await tx.first(selectLatest, {}))?.id ?? 0;
}
