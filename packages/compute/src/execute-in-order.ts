import type { ExecutorTask, NoResult, Outcome, PreparedTask, UnitPlace } from "./executor.ts";

/**
 * Runs a Task's units one after another, as gufe's `execute_DAG` does (spec: gufe §4.3): the first unit to fail ends it, later ones are not run.
 * @throws the signal's reason, when nothing of the Task is left running. What is done is left on disk for going on later where that reason has a member `resumable` that is
 * true.
 */
export async function executeInOrder(
  executor: { prepare(task: ExecutorTask, signal: AbortSignal): Promise<PreparedTask | NoResult> },
  task: ExecutorTask,
  signal: AbortSignal,
  place: UnitPlace = { variables: {} },
): Promise<Outcome> {
  const prepared = await executor.prepare(task, signal);
  if (prepared.kind === "failure") return prepared;
  try {
    let exception: string | null = null;
    for (const unit of prepared.units) {
      const outcome = prepared.finished.get(unit.key) ?? (await prepared.executeUnit(unit.key, place, signal));
      exception = outcome.exception;
      if (!outcome.ok) break;
    }
    const assembled = await prepared.assemble(signal);
    if (assembled.kind === "failure") return assembled;
    return { ...assembled, exception };
  } catch (error) {
    await prepared.abandon({ resumable: isResumable(error) });
    throw error;
  }
}

/** Whether what is done is to be left on disk for going on later. */
export function isResumable(reason: unknown): boolean {
  return reason instanceof Error && "resumable" in reason && reason.resumable === true;
}
