import {
  type StrategyMode,
  type StrategyStatus,
  strategyModes,
  strategyStatuses,
  type TaskScaling,
  taskScalings,
} from "@alchemiscale/contract";
import { asObject } from "./reply-shapes.ts";

/** What a network's strategy is at (user-api §5.9). */
export interface StrategyState {
  readonly mode: StrategyMode;
  readonly status: StrategyStatus;
  readonly iterations: number;
  /** Seconds. */
  readonly sleepInterval: number;
  /** ISO 8601. */
  readonly lastIteration: string | null;
  readonly lastIterationResultCount: number;
  readonly maxTasksPerTransformation: number;
  readonly taskScaling: TaskScaling;
  readonly exception: { readonly type: string; readonly message: string } | null;
  readonly traceback: string | null;
}

/** Null where there is no strategy; undefined for something else. */
export function asStrategyState(value: unknown): StrategyState | null | undefined {
  if (value === null) return null;
  const state = asObject(value);
  const mode = strategyModes.find((word) => word === state?.mode);
  const status = strategyStatuses.find((word) => word === state?.status);
  const taskScaling = taskScalings.find((word) => word === state?.task_scaling);
  if (state === undefined || mode === undefined || status === undefined || taskScaling === undefined) return undefined;
  const [type, message] = Array.isArray(state.exception) ? state.exception : [];
  return {
    mode,
    status,
    iterations: Number(state.iterations),
    sleepInterval: Number(state.sleep_interval),
    lastIteration: textOrNull(state.last_iteration),
    lastIterationResultCount: Number(state.last_iteration_result_count),
    maxTasksPerTransformation: Number(state.max_tasks_per_transformation),
    taskScaling,
    exception: type === undefined ? null : { type: String(type), message: String(message) },
    traceback: textOrNull(state.traceback),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
