import type { StrategySubmission } from "@alchemiscale/statestore";

/** What a strategy starts with that is to be executed as often as may be. */
export const freshStrategyState: StrategySubmission["state"] = {
  mode: "partial",
  status: "awake",
  iterations: 0,
  sleepInterval: 1,
  lastIteration: null,
  lastIterationResultCount: 0,
  maxTasksPerTransformation: 3,
  taskScaling: "exponential",
  exception: null,
  traceback: null,
};
