import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { TaskNotFound } from "../../errors.ts";
import { statusAfterResult } from "../../rules/status-after-result.ts";
import type { Actor, ResultReport } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { rememberFailure } from "../failures/remember-failure.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { noAnswers, type SearchAnswers } from "../restarts/pattern-searches.ts";
import { resolveRestarts } from "../restarts/resolve-restarts.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { heartbeat } from "../services/heartbeat.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import { findTask, type TaskRow } from "../tasks/find-tasks.ts";
import { moveTasks } from "../tasks/move-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { refToken } from "./ref-token.ts";

const insert = statement<
  {
    task: number;
    token: string;
    resultKey: string;
    ok: number;
    location: string | null;
    created: string;
    creator: number | null;
  },
  { id: number }
>(
  (p) => sql`
    insert into result (task, token, result_key, ok, location, created, creator)
    values (${p.task}, ${p.token}, ${p.resultKey}, ${p.ok}, ${p.location}, ${p.created}, ${p.creator})
    on conflict (task, result_key, ok) do nothing returning id`,
);
const selectToken = statement<{ task: number; resultKey: string; ok: number }, { token: string }>(
  (p) => sql`select token from result where task = ${p.task} and result_key = ${p.resultKey} and ok = ${p.ok}`,
);
const insertTracebacks = statement<{ result: number; tracebacks: string }>(
  (p, d) => sql`
    insert into traceback (result, position, source_key, failure_key, traceback)
    select cast(${p.result} as bigint), ord, source_key, failure_key, traceback
    from ${d.rows(p.tracebacks, { source_key: "text", failure_key: "text", traceback: "text" })} as t`,
);
const selectHolder = statement<{ service: number }, { identifier: string }>(
  (p) => sql`select identifier from service where id = ${p.service}`,
);

/** Takes the place of a traceback that is missing or empty, so that a failed result is always seen as one [D13]. */
export const tracebackPlaceholder = "(no traceback was reported)";

/**
 * A result of a Task with all that follows from it (§9, compute-api §7). Repeated for the same (Task, result key, ok): the same ref and
 * no second effect.
 * @throws {TaskNotFound} {@link SearchesNeeded}
 */
export async function reportResult(
  tx: Transaction,
  report: ResultReport,
  answers: SearchAnswers = noAnswers,
): Promise<ScopedKey> {
  // A sign of life, before the Task is locked: expiry takes the two in this order.
  await heartbeat(tx, report.service as ComputeServiceId);
  const task = await findTask(tx, report.task, { lock: true });
  if (task === null) throw new TaskNotFound(`there is no Task ${report.task}`, { task: report.task });
  const [, scope] = splitKey(task.key);
  const { resultKey, location, created } = report;
  const creator = storable(report.service);
  const ok = report.ok ? 1 : 0;
  const token = refToken({ location, resultKey, scope, ok: report.ok, created, creator });
  const inserted = await tx.first(insert, {
    task: task.id,
    token,
    resultKey,
    ok,
    location,
    created,
    creator: await internAgent(tx, creator),
  });
  if (inserted === undefined) {
    const first = await tx.first(selectToken, { task: task.id, resultKey, ok });
    return joinKey(`ProtocolDAGResultRef-${first?.token}`, scope);
  }
  const actor = { service: creator, ...report.actor };
  await recordEvents(tx, "result", [{ task: task.id, from: resultKey, to: report.ok ? "ok" : "failed" }], actor);
  if (!report.ok) {
    const failures = report.failures.length > 0 ? report.failures : [{ sourceKey: "", failureKey: "", traceback: "" }];
    const rows = failures.map(({ sourceKey, failureKey, traceback }) => [
      storable(sourceKey),
      storable(failureKey),
      traceback === "" ? tracebackPlaceholder : storable(traceback),
    ]);
    await tx.run(insertTracebacks, { result: inserted.id, tracebacks: JSON.stringify(rows) });
  }
  await settle(tx, task, report.ok, creator, actor, answers);
  return joinKey(`ProtocolDAGResultRef-${token}`, scope);
}

/** The status, the service's failure and restarts, after a result or a failure without one. */
export async function settle(
  tx: Transaction,
  task: TaskRow,
  ok: boolean,
  poster: string,
  actor: Actor,
  answers: SearchAnswers,
): Promise<void> {
  const to = statusAfterResult(task.status, ok, await claimantOf(tx, task, poster));
  if (to !== null) await moveTasks(tx, [task], to, actor);
  if (ok) return;
  await rememberFailure(tx, task.id, poster, actor);
  if (to === "error") await resolveRestarts(tx, [task.id], actor, answers);
}

/** Who holds the claim, beside who reports. */
export async function claimantOf(
  tx: Transaction,
  task: TaskRow,
  poster: string,
): Promise<{ readonly holder: string | null; readonly poster: string }> {
  const holder = task.service === null ? undefined : await tx.first(selectHolder, { service: task.service });
  return { holder: holder?.identifier ?? null, poster };
}
