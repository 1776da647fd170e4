import type { StrategyMode } from "@alchemiscale/contract";
import type { TransformationTasks } from "./decision.ts";

export interface TaskPlan {
  readonly create: number;
  readonly action: readonly string[];
  readonly cancel: readonly string[];
}

/**
 * What brings the Tasks of one Transformation to its target. Below it, those that exist are actioned first, running before waiting ones and older
 * before younger, and the rest is created. Above it, in mode `full` alone, waiting ones are taken off the hub, then running ones; Tasks in error
 * count, but are left. (spec/strategies.md §8)
 */
export function planTasks(target: number, { actioned, free }: TransformationTasks, mode: StrategyMode): TaskPlan {
  const of = (tasks: TransformationTasks["actioned"], status: string) =>
    tasks.filter((task) => task.status === status).map(({ task }) => task);
  const missing = target - actioned.length;
  if (missing > 0) {
    const action = [...of(free, "running"), ...of(free, "waiting")].slice(0, missing);
    return { create: missing - action.length, action, cancel: [] };
  }
  const cancel =
    mode === "full" ? [...of(actioned, "waiting"), ...of(actioned, "running")].slice(0, actioned.length - target) : [];
  return { create: 0, action: [], cancel };
}
