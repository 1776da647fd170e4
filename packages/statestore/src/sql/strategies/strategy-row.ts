/** A strategy's state as the database holds it. */
import type { StrategyMode, StrategyStatus, TaskScaling } from "@alchemiscale/contract";
import type { StrategyState } from "../../strategy-operations.ts";
import { type Fragment, sql } from "../statement.ts";
import { storableOrNull } from "../storable-text.ts";

export interface StrategyRow {
  readonly mode: StrategyMode;
  readonly status: StrategyStatus;
  readonly iterations: number;
  readonly sleep_interval: number;
  readonly last_iteration: number | null;
  readonly last_iteration_result_count: number;
  readonly max_tasks_per_transformation: number;
  readonly task_scaling: TaskScaling;
  readonly exception_type: string | null;
  readonly exception_message: string | null;
  readonly traceback: string | null;
}

/** Of a table `y`. */
export const strategyColumns: Fragment = sql`
  y.mode as mode, y.status as status, y.iterations as iterations, y.sleep_interval as sleep_interval, y.last_iteration as last_iteration,
  y.last_iteration_result_count as last_iteration_result_count, y.max_tasks_per_transformation as max_tasks_per_transformation,
  y.task_scaling as task_scaling, y.exception_type as exception_type, y.exception_message as exception_message,
  y.traceback as traceback`;

export function stateOfRow(row: StrategyRow): StrategyState {
  return {
    mode: row.mode,
    status: row.status,
    iterations: row.iterations,
    sleepInterval: row.sleep_interval,
    lastIteration: row.last_iteration,
    lastIterationResultCount: row.last_iteration_result_count,
    maxTasksPerTransformation: row.max_tasks_per_transformation,
    taskScaling: row.task_scaling,
    exception: row.exception_type === null ? null : [row.exception_type, row.exception_message ?? ""],
    traceback: row.traceback,
  };
}

/** What an execution writes. */
export function executionParameters(state: StrategyState) {
  return {
    status: state.status,
    iterations: state.iterations,
    lastIteration: state.lastIteration,
    count: state.lastIterationResultCount,
    exceptionType: storableOrNull(state.exception?.[0] ?? null),
    exceptionMessage: storableOrNull(state.exception?.[1] ?? null),
    traceback: storableOrNull(state.traceback),
  };
}
