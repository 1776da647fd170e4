/** Tasks: creation, the status machine with what follows from it (§5). */
import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import type { Model, ModelTask, ModelTransformation } from "./model.ts";

const moves: Readonly<Record<TaskStatus, string>> = {
  waiting: "waiting running invalid deleted",
  running: "waiting running complete error invalid deleted",
  error: "waiting error invalid deleted",
  complete: "complete invalid deleted",
  invalid: "invalid",
  deleted: "deleted",
};

export function createTask(
  model: Model,
  key: ScopedKey,
  transformation: ModelTransformation,
  parent: ModelTask | null,
): ModelTask {
  const task: ModelTask = {
    key,
    transformation,
    extends: parent,
    status: "waiting",
    priority: 10n,
    claim: null,
    hubs: new Map(),
    results: [],
    failures: [],
  };
  model.tasks.push(task);
  return task;
}

/** Why a Task cannot be extended by one of this Transformation; null where it can. */
export function cannotExtend(parent: ModelTask | null, transformation: ModelTransformation): string | null {
  if (parent === null) return "missing";
  if (parent.status === "invalid" || parent.status === "deleted") return "status";
  return parent.transformation.key === transformation.key ? null : "transformation";
}

/** True where it is allowed. */
export function setStatus(model: Model, task: ModelTask, to: TaskStatus): boolean {
  if (!moves[task.status].split(" ").includes(to)) return false;
  become(model, task, to);
  if (to === "invalid" || to === "deleted") {
    for (const child of descendants(model, task)) {
      if (child.status !== "invalid" && child.status !== "deleted") become(model, child, to);
    }
  }
  return true;
}

function become(model: Model, task: ModelTask, to: TaskStatus): void {
  task.status = to;
  if (to !== "running") task.claim = null;
  if (to === "complete" || to === "invalid" || to === "deleted") {
    task.hubs.clear();
    for (const network of model.networks) for (const pattern of network.patterns) pattern.counters.delete(task);
  }
}

/** At any depth, without the Task itself. */
export function descendants(model: Model, task: ModelTask): ModelTask[] {
  return model.tasks.filter((other) => {
    for (let above = other.extends; above !== null; above = above.extends) if (above === task) return true;
    return false;
  });
}

export function countByStatus(tasks: readonly ModelTask[]): Partial<Record<TaskStatus, number>> {
  const counts: Partial<Record<TaskStatus, number>> = {};
  for (const { status } of tasks) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
