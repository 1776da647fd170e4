import type { ScopedKey } from "@alchemiscale/contract";

/** Why a Task was given up before it was done: its claim is no longer this service's, or nobody wants it. */
export class TaskStopped extends Error {
  override readonly name = "TaskStopped";
  readonly task: ScopedKey;

  constructor(task: ScopedKey, reason: string) {
    super(reason);
    this.task = task;
  }
}
