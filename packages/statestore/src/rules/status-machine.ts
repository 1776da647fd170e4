/** Who may move a Task from what to what, and what follows (§5.2). */
import type { TaskStatus } from "@alchemiscale/contract";

const allowed: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  waiting: ["waiting", "running", "invalid", "deleted"],
  running: ["waiting", "running", "complete", "error", "invalid", "deleted"],
  error: ["waiting", "error", "invalid", "deleted"],
  complete: ["complete", "invalid", "deleted"],
  invalid: ["invalid"],
  deleted: ["deleted"],
};

export function mayMove(from: TaskStatus, to: TaskStatus): boolean {
  return allowed[from].includes(to);
}

/** Everything but `running` ends the claim, also when the status was the same before. */
export function dropsClaim(to: TaskStatus): boolean {
  return to !== "running";
}

/** Final: the Task leaves every hub, and restart patterns no longer apply. */
export function leavesHubs(to: TaskStatus): boolean {
  return to === "complete" || to === "invalid" || to === "deleted";
}

/** Whatever extends the Task, at any depth, follows, but for what is `invalid` or `deleted` already [D4]. */
export function cascades(to: TaskStatus): to is "invalid" | "deleted" {
  return to === "invalid" || to === "deleted";
}

/** Statuses in which a Task can be extended (§5.1). */
export function mayBeExtended(status: TaskStatus): boolean {
  return status !== "invalid" && status !== "deleted";
}
