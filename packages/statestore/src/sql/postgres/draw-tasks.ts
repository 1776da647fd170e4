/**
 * The draw on PostgreSQL: claimers run beside each other on one hub. Each takes the smallest keys whose Tasks nobody else is taking
 * (`skip locked`), so none waits for another; the Task row is the lock, so a Task on several hubs is taken once.
 */
import type { DrawRequest } from "../claims/draw-request.ts";
import { status as code, kindCode } from "../codes.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

interface Drawn {
  readonly task: number;
  readonly class: number;
  readonly priority: string;
  /** What was left of the key when it was drawn. */
  readonly age: number;
}

const draw = statement<
  {
    network: number;
    protocols: string | null;
    count: number;
    service: number;
    now: number;
    kind: number;
    agent: number;
  },
  Drawn
>(
  (p, d) => sql`
    with head as (
      select h.task, h.class, h.priority, greatest(h.draw - h.clock, 0) as age
      from network_protocol np cross join lateral (
        select a.task, a.class, a.priority, a.draw, coalesce(c.clock, 0) as clock
        from actioned a join task t on t.id = a.task
          left join draw_clock c on c.network = a.network and c.class = a.class and c.priority = a.priority
        where a.network = np.network and a.class = np.class and a.draw is not null and t.status = ${code.waiting} and t.service is null
        order by a.priority, a.draw limit ${p.count} for update of t skip locked) as h
      where np.network = ${p.network} and (cast(${p.protocols} as text) is null
        or np.class in (select c.id from ${d.list(p.protocols, "text")} as n join class c on c.name = n.value))
    ), picked as (
      select * from head order by priority, age limit ${p.count}
    ), taken as (
      update task set status = ${code.running}, service = ${p.service}, claimed = ${p.now} from picked
      where task.id = picked.task and task.status = ${code.waiting} and task.service is null returning task.id as id
    ), cleared as (
      update actioned set draw = null from taken where actioned.task = taken.id and actioned.draw is not null
    ), logged as (
      insert into event (at, kind, task, network, was, became, service)
      select ${p.now}, ${p.kind}, id, ${p.network}, 'waiting', 'running', ${p.agent} from taken
    )
    select picked.task as task, picked.class as class, cast(picked.priority as text) as priority, picked.age as age
    from picked join taken on taken.id = picked.task order by picked.priority, picked.age`,
);

/** Beyond this a clock starts again from 0 as soon as its level is empty: keys are doubles. */
const highClock = 1e6;

const startClocks = statement<{ network: number; protocols: string | null; levels: string }>(
  (p, d) => sql`
    insert into draw_clock (network, class, priority, clock)
    select ${p.network}, np.class, l.priority, 0
    from network_protocol np cross join ${d.rows(p.levels, { priority: "bigint", age: "double precision" })} as l
    where np.network = ${p.network} and (cast(${p.protocols} as text) is null
        or np.class in (select c.id from ${d.list(p.protocols, "text")} as n join class c on c.name = n.value))
      and not exists (select 1 from draw_clock c where c.network = np.network and c.class = np.class and c.priority = l.priority)
    on conflict (network, class, priority) do nothing`,
);
// Whoever else is advancing a clock at this moment is not waited for: the clock then lags by a few draws, which is less than the
// differences between keys, while a lock held until the commit would make claims on a hub one after the other.
const advance = statement<{ network: number; protocols: string | null; levels: string; high: number }, { ord: number }>(
  (p, d) => sql`
    update draw_clock c set clock = case when free.clock > ${p.high} and not exists (
        select 1 from actioned a
        where a.network = c.network and a.class = c.class and a.priority = c.priority and a.draw is not null) then 0 else free.clock end
    from (
      select k.network, k.class, k.priority, k.clock + l.age as clock
      from ${d.rows(p.levels, { priority: "bigint", age: "double precision" })} as l
      join draw_clock k on k.network = ${p.network} and k.priority = l.priority
      where cast(${p.protocols} as text) is null
        or k.class in (select c.id from ${d.list(p.protocols, "text")} as n join class c on c.name = n.value)
      for update of k skip locked) as free
    where c.network = free.network and c.class = free.class and c.priority = free.priority`,
);

export async function drawTasks(tx: Transaction, request: DrawRequest): Promise<readonly number[]> {
  const { network, service, agent, count } = request;
  const protocols = request.protocols === null ? null : JSON.stringify(request.protocols);
  const drawn = await tx.all(draw, { network, protocols, count, service, now: tx.now, kind: kindCode("claim"), agent });
  if (drawn.length > 0) {
    const ages = new Map<string, number>();
    for (const { priority, age } of drawn) ages.set(priority, Math.max(ages.get(priority) ?? 0, age));
    const levels = JSON.stringify([...ages]);
    if ((await tx.run(advance, { network, protocols, levels, high: highClock })) === 0) {
      await tx.run(startClocks, { network, protocols, levels });
    }
  }
  return drawn.map(({ task }) => task);
}
