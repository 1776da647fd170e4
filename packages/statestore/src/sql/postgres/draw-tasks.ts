/**
 * The draw on PostgreSQL: claimers run beside each other on one hub. Each takes the smallest keys whose Tasks nobody else is taking
 * (`skip locked`), so none waits for another; the Task row is the lock, so a Task on several hubs is taken once.
 */
import type { ScopedKey } from "@alchemiscale/contract";
import type { DrawRequest } from "../claims/draw-request.ts";
import { status as code, kindCode } from "../codes.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

/** Beyond this a clock starts again from 0 as soon as its level is empty: keys are doubles. */
const highClock = 1e6;

// `t.status + 0`: no index of Tasks by status is to be of use. With a plan that was made while the store was small a claim read all that wait, 5.7 ms for
// each at 10,000, instead of following the draws, 1.1 ms.
//
// Whoever else is advancing a clock at this moment is not waited for: the clock then lags by a few draws, which is less than the
// differences between keys, while a lock held until the commit would make claims on a hub one after the other.
const draw = statement<
  {
    network: number;
    protocols: string | null;
    count: number;
    service: number;
    now: number;
    kind: number;
    agent: number;
    high: number;
  },
  { token: string; class: number; priority: string; started: boolean }
>(
  (p, d) => sql`
    with head as (
      select h.task, h.class, h.priority, greatest(h.draw - coalesce(h.clock, 0), 0) as age, h.clock is not null as started
      from network_protocol np cross join lateral (
        select a.task, a.class, a.priority, a.draw, c.clock
        from actioned a join task t on t.id = a.task
          left join draw_clock c on c.network = a.network and c.class = a.class and c.priority = a.priority
        where a.network = np.network and a.class = np.class and a.draw is not null and t.status + 0 = ${code.waiting} and t.service is null
        order by a.priority, a.draw limit ${p.count} for update of t skip locked) as h
      where np.network = ${p.network} and (cast(${p.protocols} as text) is null
        or np.class in (select c.id from ${d.list(p.protocols, "text")} as n join class c on c.name = n.value))
    ), picked as (
      select * from head order by priority, age limit ${p.count}
    ), taken as (
      update task set status = ${code.running}, service = ${p.service}, claimed = ${p.now} from picked
      where task.id = picked.task and task.status = ${code.waiting} and task.service is null
      returning task.id, task.token, picked.class, picked.priority, picked.age, picked.started
    ), cleared as (
      update actioned set draw = null from taken where actioned.task = taken.id and actioned.draw is not null
    ), aged as (
      select priority, max(age) as age from taken group by priority
    ), advanced as (
      update draw_clock c set clock = case when free.clock > ${p.high} and not exists (
          select 1 from actioned a
          where a.network = c.network and a.class = c.class and a.priority = c.priority and a.draw is not null) then 0 else free.clock end
      from (
        select k.network, k.class, k.priority, k.clock + aged.age as clock
        from aged join draw_clock k on k.network = ${p.network} and k.priority = aged.priority
        where k.class in (select class from head) for update of k skip locked) as free
      where c.network = free.network and c.class = free.class and c.priority = free.priority
    ), logged as (
      insert into event (at, kind, task, network, was, became, service)
      select ${p.now}, ${p.kind}, id, ${p.network}, 'waiting', 'running', ${p.agent} from taken
    )
    select token, class, cast(priority as text) as priority, started from taken order by taken.priority, taken.age`,
);
const startClocks = statement<{ network: number; levels: string }>(
  (p, d) => sql`
    insert into draw_clock (network, class, priority, clock)
    select ${p.network}, class, priority, 0 from ${d.rows(p.levels, { class: "bigint", priority: "bigint" })} as l
    on conflict (network, class, priority) do nothing`,
);

export async function drawTasks(tx: Transaction, request: DrawRequest): Promise<readonly ScopedKey[]> {
  const { network, scope, service, agent, count } = request;
  const protocols = request.protocols === null ? null : JSON.stringify(request.protocols);
  const parameters = { network, protocols, count, service, now: tx.now, kind: kindCode("claim"), agent, high: highClock };
  const drawn = await tx.all(draw, parameters);
  const unstarted = drawn.filter(({ started }) => !started).map((row) => [row.class, row.priority]);
  if (unstarted.length > 0) await tx.run(startClocks, { network, levels: JSON.stringify(unstarted) });
  return drawn.map(({ token }) => joinKey(`Task-${token}`, scope));
}
