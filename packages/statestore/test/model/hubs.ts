/** What is on which hub, and what of it can be claimed (§6, §7.1). */
import type { ModelNetwork, ModelTask } from "./model.ts";

/** True where the Task is on the hub now and was not before. */
export function action(network: ModelNetwork, task: ModelTask, weight: number | null): boolean {
  if (network.state === null) return false;
  if (task.hubs.has(network)) {
    if (weight !== null) task.hubs.set(network, weight);
    return false;
  }
  const eligible = ["waiting", "running", "error"].includes(task.status);
  if (!eligible || !network.transformations.some(({ key }) => key === task.transformation.key)) return false;
  task.hubs.set(network, weight ?? 0.5);
  for (const pattern of network.patterns) if (!pattern.counters.has(task)) pattern.counters.set(task, 0);
  return true;
}

/** True where the Task was on the hub. */
export function cancel(network: ModelNetwork, task: ModelTask): boolean {
  for (const pattern of network.patterns) pattern.counters.delete(task);
  return task.hubs.delete(network);
}

/** Waiting, with a weight, extending nothing or what is complete, of one of the Protocols. */
export function claimable(tasks: readonly ModelTask[], network: ModelNetwork, protocols: readonly string[] | null): ModelTask[] {
  return tasks.filter(
    (task) =>
      (task.hubs.get(network) ?? 0) > 0 &&
      task.status === "waiting" &&
      (task.extends === null || task.extends.status === "complete") &&
      (protocols === null || protocols.includes(task.transformation.protocol)),
  );
}
