import type { TaskScaling } from "@alchemiscale/contract";

/**
 * How many Tasks of a Transformation should be actioned at the same time, from its share w of the network and the most M for one:
 * 0 for null or 0, M for 1, else `min(M, trunc(1 + w M))` or `min(M, trunc((1 + M)^w))`. (spec/strategies.md §7)
 */
export function taskCount(weight: number | null, most: number, scaling: TaskScaling): number {
  if (weight === null || weight === 0) return 0;
  if (weight === 1) return most;
  // The sum makes 0 of −0.
  return Math.min(most, Math.trunc(scaling === "linear" ? 1 + weight * most : (1 + most) ** weight) + 0);
}

/** `taskCount` of each. */
export function weightsToCounts(
  weights: ReadonlyMap<string, number | null>,
  most: number,
  scaling: TaskScaling,
): Map<string, number> {
  return new Map([...weights].map(([key, weight]) => [key, taskCount(weight, most, scaling)]));
}
