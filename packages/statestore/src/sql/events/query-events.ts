/** Reading the event log. All of these stop at the horizon: what comes later has a higher id than what was read. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { Event, Instant } from "../../state-store.ts";
import { kindOf } from "../codes.ts";
import { joinKey, splitKey, splitToken } from "../scoped-keys.ts";
import { type Fragment, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

interface Row {
  readonly id: number;
  readonly at: Instant;
  readonly kind: number;
  readonly task: string | null;
  readonly network: string | null;
  readonly scope: string | null;
  readonly was: string | null;
  readonly became: string | null;
  readonly identity: string | null;
  readonly service: string | null;
  readonly strategy: string | null;
  readonly reason: string | null;
}

const columns = sql`
  e.id as id, e.at as at, e.kind as kind, t.token as task, o.key as network, s.text as scope, e.was as was, e.became as became,
  i.name as identity, v.name as service, y.name as strategy, e.reason as reason`;
// A Task and its network have the same scope.
const named: Fragment = sql`
  left join task t on t.id = e.task left join object o on o.id = e.network left join scope s on s.id = coalesce(t.scope, o.scope)
  left join agent i on i.id = e.identity left join agent v on v.id = e.service left join agent y on y.id = e.strategy`;

const selectOfTask = statement<{ token: string; scope: string; after: number; horizon: number; limit: number }, Row>(
  (p) => sql`
    select ${columns}
    from task of_task cross join scope of_scope cross join event e ${named}
    where of_task.token = ${p.token} and of_scope.id = of_task.scope and of_scope.text = ${p.scope}
      and e.task = of_task.id and e.id > ${p.after} and e.id <= ${p.horizon}
    order by e.id limit cast(${p.limit} as bigint)`,
);
const selectNetwork = statement<{ key: string; scope: string }, { id: number }>(
  (p) => sql`
    select n.id as id from scope s cross join object o cross join network n
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and n.id = o.id`,
);
const selectOfNetwork = statement<{ of: number; after: number; horizon: number; limit: number }, Row>(
  (p) => sql`
    select ${columns} from network_event ne cross join event e ${named}
    where ne.network = ${p.of} and ne.event > ${p.after} and ne.event <= ${p.horizon} and e.id = ne.event
    order by ne.event limit cast(${p.limit} as bigint)`,
);
const selectSince = statement<{ after: number; horizon: number; limit: number }, Row>(
  (p) => sql`
    select ${columns} from event e ${named}
    where e.id > ${p.after} and e.id <= ${p.horizon} order by e.id limit cast(${p.limit} as bigint)`,
);

export async function eventsOfTask(tx: Transaction, task: ScopedKey, after = 0, limit = 1000): Promise<Event[]> {
  const horizon = await tx.dialect.eventHorizon(tx);
  const [token, scope] = splitToken(task, "Task");
  return (await tx.all(selectOfTask, { token, scope, after, horizon, limit })).map(eventOf);
}

/** Of the network itself, and of every Task of its Transformations. */
export async function eventsOfNetwork(tx: Transaction, network: ScopedKey, after = 0, limit = 1000): Promise<Event[]> {
  const horizon = await tx.dialect.eventHorizon(tx);
  const [key, scope] = splitKey(network);
  const found = await tx.first(selectNetwork, { key, scope });
  if (found === undefined) return [];
  return (await tx.all(selectOfNetwork, { of: found.id, after, horizon, limit })).map(eventOf);
}

export async function eventsSince(tx: Transaction, after: number, limit = 1000): Promise<Event[]> {
  const horizon = await tx.dialect.eventHorizon(tx);
  return (await tx.all(selectSince, { after, horizon, limit })).map(eventOf);
}

/** The horizon: the id of the last event that can be read, or one after it that was rolled back; 0 before the first. */
export async function latestEvent(tx: Transaction): Promise<number> {
  return tx.dialect.eventHorizon(tx);
}

function eventOf({ id, at, kind, task, network, scope, was, became, identity, service, strategy, reason }: Row): Event {
  return {
    id,
    at,
    kind: kindOf(kind),
    task: task === null || scope === null ? null : joinKey(`Task-${task}`, scope),
    network: network === null || scope === null ? null : joinKey(network, scope),
    from: was,
    to: became,
    identity,
    service,
    strategy,
    reason,
  };
}
