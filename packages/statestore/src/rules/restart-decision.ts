/** Whether an errored Task is tried again on a hub (§10). */

export interface PatternCounter {
  readonly pattern: number;
  readonly maxRetries: number;
  readonly retries: number;
  /** True when the pattern is found in one of the Task's tracebacks. */
  readonly matches: boolean;
}

export type RestartDecision = { readonly kind: "cancel" } | { readonly kind: "retry"; readonly increment: readonly number[] };

/**
 * For one Task and one hub with at least one pattern: retry when a pattern matches and none that matches has used up its retries; every
 * matching one then counts. Otherwise the Task leaves the hub.
 */
export function decideRestart(counters: readonly PatternCounter[]): RestartDecision {
  const matching = counters.filter((counter) => counter.matches);
  if (matching.length === 0 || matching.some((counter) => counter.retries + 1 > counter.maxRetries)) return { kind: "cancel" };
  return { kind: "retry", increment: matching.map((counter) => counter.pattern) };
}
