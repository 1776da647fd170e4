import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { TaskNotFound } from "../../errors.ts";
import { statusAfterResult } from "../../rules/status-after-result.ts";
import type { Actor, ResultReport } from "../../state-store.ts";
import { putHardware, setHardware } from "../estimates/set-hardware.ts";
import { rememberFailure } from "../failures/remember-failure.ts";
import { noAnswers, type SearchAnswers } from "../restarts/pattern-searches.ts";
import { resolveRestarts } from "../restarts/resolve-restarts.ts";
import { heartbeat } from "../services/heartbeat.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import { findTask, type TaskRow } from "../tasks/find-tasks.ts";
import { moveTasks } from "../tasks/move-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { recordResult } from "./record-result.ts";

const selectHolder = statement<{ service: number }, { identifier: string }>(
  (p) => sql`select identifier from service where id = ${p.service}`,
);

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
  const creator = storable(report.service);
  const actor = { service: creator, ...report.actor };
  const { ref, added } = await recordResult(tx, task, report, creator, actor);
  const hardware = report.hardware ?? null;
  if (added === null) {
    if (hardware !== null) await setHardware(tx, ref, hardware);
    return ref;
  }
  if (hardware !== null) await putHardware(tx, added, hardware);
  await settle(tx, task, report.ok, creator, actor, answers);
  return ref;
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
