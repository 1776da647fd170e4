import type { ComputeServiceId } from "@alchemiscale/contract";
import { TaskNotFound } from "../../errors.ts";
import { statusAfterResult } from "../../rules/status-after-result.ts";
import type { ResultOperations } from "../../state-store.ts";
import { markTransformationsStale } from "../estimates/mark-stale.ts";
import { recordEvents } from "../events/record-events.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { noAnswers, type SearchAnswers } from "../restarts/pattern-searches.ts";
import { heartbeat } from "../services/heartbeat.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import { findTask } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { tracebackPlaceholder } from "./record-result.ts";
import { claimantOf, settle } from "./report-result.ts";

const selectLast = statement<{ task: number }, { service: number | null; exception: string; traceback: string }>(
  (p) => sql`select service, exception, traceback from task_failure where task = ${p.task} order by id desc limit 1`,
);
const insert = statement<{ task: number; now: number; service: number | null; exception: string; traceback: string }>(
  (p) => sql`
    insert into task_failure (task, at, service, exception, traceback)
    values (${p.task}, ${p.now}, ${p.service}, ${p.exception}, ${p.traceback})`,
);

/**
 * A Task for which no ProtocolDAG could be made: a failure without a result. Moves the Task as a failed result does, and counts against
 * the service. The same report once more, when it moves nothing, is a repeated request: no second effect.
 * @throws {TaskNotFound} {@link SearchesNeeded}
 */
export async function reportFailure(
  tx: Transaction,
  failure: Parameters<ResultOperations["reportFailure"]>[0],
  answers: SearchAnswers = noAnswers,
): Promise<void> {
  await heartbeat(tx, failure.service as ComputeServiceId);
  const task = await findTask(tx, failure.task, { lock: true });
  if (task === null) throw new TaskNotFound(`there is no Task ${failure.task}`, { task: failure.task });
  const poster = storable(failure.service);
  const service = await internAgent(tx, poster);
  const exception = storable(failure.exception);
  const traceback = failure.traceback === "" ? tracebackPlaceholder : storable(failure.traceback);

  const last = await tx.first(selectLast, { task: task.id });
  const same = last !== undefined && last.service === service && last.exception === exception && last.traceback === traceback;
  const moves = task.status === "running" && statusAfterResult(task.status, false, await claimantOf(tx, task, poster)) !== null;
  if (same && !moves) return;

  await tx.run(insert, { task: task.id, now: tx.now, service, exception, traceback });
  const actor = { service: poster, ...failure.actor };
  await recordEvents(tx, "failure", [{ task: task.id, to: exception }], actor);
  await settle(tx, task, false, poster, actor, answers);
  await markTransformationsStale(tx, [task.transformation]);
}
