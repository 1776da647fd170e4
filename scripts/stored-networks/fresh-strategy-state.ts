import type { StrategySubmission } from "@alchemiscale/statestore";

/** What a strategy starts with (state-semantics §2.2). */
export const freshStrategyState: StrategySubmission["state"] = {
  mode: "partial",
  status: "awake",
  iterations: 0,
  sleepInterval: 3600,
  lastIteration: null,
  lastIterationResultCount: 0,
  maxTasksPerTransformation: 3,
  taskScaling: "exponential",
  exception: null,
  traceback: null,
};
