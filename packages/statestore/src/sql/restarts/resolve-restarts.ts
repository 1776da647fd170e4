import { decideRestart } from "../../rules/restart-decision.ts";
import type { Actor } from "../../state-store.ts";
import { status as code } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { removeFromHub } from "../hubs/cancel-tasks.ts";
import { sql, statement } from "../statement.ts";
import { moveTasks } from "../tasks/move-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { requireAnswers, type SearchAnswers, searchKey } from "./pattern-searches.ts";

interface CounterRow {
  readonly task: number;
  readonly network: number;
  readonly pattern: number;
  readonly text: string;
  readonly max_retries: number;
  readonly retries: number;
}

const selectCounters = statement<{ tasks: string }, CounterRow>(
  (p, d) => sql`
    select t.id as task, r.network as network, r.id as pattern, r.pattern as text, r.max_retries as max_retries, c.retries as retries
    from ${d.list(p.tasks, "bigint")} as i cross join task t cross join restart_counter c cross join restart_pattern r
    where t.id = i.value and t.status = ${code.error} and c.task = t.id and r.id = c.pattern order by t.id, r.id`,
);
interface TracebackRow {
  readonly task: number;
  readonly traceback: string;
  /** Of a result: its time as text. */
  readonly created: string | null;
  /** Of a failure without a result: its instant. */
  readonly failed: number | null;
}

// The newest result with tracebacks, by the text of its time, a missing one first; and the newest failure without a result.
const selectTracebacks = statement<{ tasks: string }, TracebackRow>(
  (p, d) => sql`
    select i.value as task, b.traceback as traceback, e.created as created, cast(null as bigint) as failed
    from ${d.list(p.tasks, "bigint")} as i cross join traceback b join result e on e.id = b.result
    where b.result = (
      select r.id from result r where r.task = i.value and exists (select 1 from traceback x where x.result = r.id)
      order by case when r.created is null then 0 else 1 end, r.created desc, r.id desc limit 1)
    union all
    select i.value as task, f.traceback as traceback, cast(null as text) as created, f.at as failed
    from ${d.list(p.tasks, "bigint")} as i cross join task_failure f
    where f.id = (select max(id) from task_failure where task = i.value)`,
);
const increment = statement<{ counters: string }>(
  (p, d) => sql`
    update restart_counter set retries = retries + 1
    from ${d.rows(p.counters, { counted_pattern: "bigint", counted_task: "bigint" })} as n
    where pattern = n.counted_pattern and task = n.counted_task`,
);
const selectStillLinked = statement<{ tasks: string }, { id: number }>(
  (p, d) => sql`
    select distinct c.task as id from ${d.list(p.tasks, "bigint")} as i cross join restart_counter c where c.task = i.value`,
);

/**
 * Retries or cancels those of `tasks` that are in `error` and under a pattern (§10). The caller has locked them. Nothing is searched for here, where
 * others wait: `answers` says which patterns are found.
 * @throws {SearchesNeeded}
 */
export async function resolveRestarts(
  tx: Transaction,
  tasks: readonly number[],
  actor: Actor,
  answers: SearchAnswers,
): Promise<void> {
  const counters = await tx.all(selectCounters, { tasks: JSON.stringify(tasks) });
  if (counters.length === 0) return;
  const errored = JSON.stringify([...new Set(counters.map((counter) => counter.task))]);
  const rows = Map.groupBy(await tx.all(selectTracebacks, { tasks: errored }), (row) => row.task);
  const texts = new Map([...rows].map(([task, found]) => [task, newest(found)]));
  const searches = (task: number, pattern: string) => (texts.get(task) ?? []).map((text) => ({ pattern, text }));
  requireAnswers(
    counters.flatMap(({ task, text }) => searches(task, text)),
    answers,
  );

  const increments: (readonly [pattern: number, task: number])[] = [];
  const cancelled = new Map<number, number[]>();
  const retried = new Set<number>();
  for (const group of Map.groupBy(counters, ({ task, network }) => `${task} ${network}`).values()) {
    const [{ task, network } = { task: 0, network: 0 }] = group;
    const decision = decideRestart(
      group.map(({ pattern, text, max_retries, retries }) => ({
        pattern,
        maxRetries: max_retries,
        retries,
        matches: searches(task, text).some((search) => answers.get(searchKey(search)) === true),
      })),
    );
    if (decision.kind === "cancel") {
      cancelled.set(network, [...(cancelled.get(network) ?? []), task]);
    } else {
      retried.add(task);
      for (const pattern of decision.increment) increments.push([pattern, task]);
    }
  }

  if (increments.length > 0) await tx.run(increment, { counters: JSON.stringify(increments) });
  const why = { ...actor, reason: "restart patterns" };
  for (const [network, ids] of cancelled) await removeFromHub(tx, network, ids, why);
  const linked = await tx.all(selectStillLinked, { tasks: errored });
  await recordEvents(
    tx,
    "restart",
    [...retried].map((task) => ({ task })),
    why,
  );
  await moveTasks(
    tx,
    linked.map(({ id }) => ({ id, status: "error" as const })),
    "waiting",
    why,
  );
}

/** Of the newest result or of a failure that came after it. */
function newest(rows: readonly TracebackRow[]): string[] {
  const failure = rows.find((row) => row.failed !== null);
  const results = rows.filter((row) => row.failed === null);
  const [result] = results;
  const later =
    failure !== undefined &&
    (result === undefined || (result.created !== null && (failure.failed ?? 0) / 1000 >= Date.parse(result.created)));
  return later ? [failure.traceback] : results.map((row) => row.traceback);
}
