/** The draw on SQLite: the writer is alone, so it reads the heads of a few index ranges, and what it picks nobody else can take. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { DrawRequest } from "../claims/draw-request.ts";
import { advanceClocks, type Candidate, pickCandidates } from "../claims/pick-candidates.ts";
import { status as code, kindCode } from "../codes.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectClasses = statement<{ network: number; protocols: string | null }, { class: number }>(
  (p, d) => sql`
    select np.class as class from network_protocol np
    where np.network = ${p.network} and (cast(${p.protocols} as text) is null
      or np.class in (select c.id from ${d.list(p.protocols, "text")} as n join class c on c.name = n.value))`,
);
// A bare parameter as the limit would make SQLite plan the statement anew for every value: ten times the cost of running it.
const selectHead = statement<{ network: number; class: number; limit: number }, Candidate>(
  (p) => sql`
    select a.task as task, a.class as class, cast(a.priority as text) as priority, a.draw as draw, coalesce(c.clock, 0.0) as clock
    from actioned a left join draw_clock c on c.network = a.network and c.class = a.class and c.priority = a.priority
    where a.network = ${p.network} and a.class = ${p.class} and a.draw is not null
    order by a.priority, a.draw limit cast(${p.limit} as bigint)`,
);
// Nearly every claim takes one Task. The statements for one are those for many without the JSON list, whose reading costs as much as the rest.
const takeOne = statement<{ task: number; service: number; now: number }, { id: number; token: string }>(
  (p) => sql`
    update task set status = ${code.running}, service = ${p.service}, claimed = ${p.now}
    where id = ${p.task} and status = ${code.waiting} and service is null returning id, token`,
);
const clearDrawsOfOne = statement<{ task: number }>(
  (p) => sql`update actioned set draw = null where task = ${p.task} and draw is not null`,
);
const logOne = statement<{ task: number; network: number; now: number; kind: number; agent: number }>(
  (p) => sql`
    insert into event (at, kind, task, network, was, became, service)
    values (${p.now}, ${p.kind}, ${p.task}, ${p.network}, 'waiting', 'running', ${p.agent})`,
);
const take = statement<{ tasks: string; service: number; now: number }, { id: number; token: string }>(
  (p, d) => sql`
    update task set status = ${code.running}, service = ${p.service}, claimed = ${p.now}
    where id in (select value from ${d.list(p.tasks, "bigint")} as i) and status = ${code.waiting} and service is null returning id, token`,
);
const clearDraws = statement<{ tasks: string }>(
  (p, d) => sql`
    update actioned set draw = null where task in (select value from ${d.list(p.tasks, "bigint")} as i) and draw is not null`,
);
const log = statement<{ tasks: string; network: number; now: number; kind: number; agent: number }>(
  (p, d) => sql`
    insert into event (at, kind, task, network, was, became, service)
    select ${p.now}, ${p.kind}, value, ${p.network}, 'waiting', 'running', ${p.agent} from ${d.list(p.tasks, "bigint")} as i`,
);

export async function drawTasks(tx: Transaction, request: DrawRequest): Promise<readonly ScopedKey[]> {
  const { network, count } = request;
  const protocols = request.protocols === null ? null : JSON.stringify(request.protocols);
  const heads: Candidate[][] = [];
  for (const row of await tx.all(selectClasses, { network, protocols })) {
    heads.push(await tx.all(selectHead, { network, class: row.class, limit: count + 1 }));
  }
  const picked = pickCandidates(heads, count);
  if (picked.length === 0) return [];

  const taken = await takeAll(tx, request, picked);
  await advanceClocks(tx, network, heads, picked);
  return picked.flatMap(({ task }) => {
    const token = taken.get(task);
    return token === undefined ? [] : [joinKey(`Task-${token}`, request.scope)];
  });
}

/** The tokens of those that were still waiting and unclaimed, by id; none of those picked has a key any more. */
async function takeAll(
  tx: Transaction,
  { network, service, agent }: DrawRequest,
  picked: readonly Candidate[],
): Promise<ReadonlyMap<number, string>> {
  const { now } = tx;
  const kind = kindCode("claim");
  const [first] = picked;
  if (picked.length === 1 && first !== undefined) {
    const { task } = first;
    const row = await tx.first(takeOne, { task, service, now });
    await tx.run(clearDrawsOfOne, { task });
    if (row === undefined) return new Map();
    await tx.run(logOne, { task, network, now, kind, agent });
    return new Map([[task, row.token]]);
  }
  const tasks = JSON.stringify(picked.map(({ task }) => task));
  const taken = new Map((await tx.all(take, { tasks, service, now })).map((row) => [row.id, row.token]));
  await tx.run(clearDraws, { tasks });
  await tx.run(log, { tasks: JSON.stringify([...taken.keys()]), network, now, kind, agent });
  return taken;
}
