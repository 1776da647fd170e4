import { type NetworkResults, noResults } from "../network/transformation-results.ts";
import type { PlannedLeg, PlannedMeasurement } from "./measurement-plan.ts";

export interface MeasuredValue {
  /** f(to) − f(from), kcal/mol. */
  readonly value: number;
  readonly variance: number;
}

/**
 * What results say of a measurement: legs add up, and several Transformations of one leg are averaged by their precision n / s². null while a
 * leg has no estimate.
 * @param variances of one result, by key of the Transformation
 */
export function measuredValue(
  { legs }: PlannedMeasurement,
  results: NetworkResults,
  variances: ReadonlyMap<string, number>,
): MeasuredValue | null {
  let value = 0;
  let variance = 0;
  for (const leg of legs) {
    const measured = legValue(leg, results, variances);
    if (measured === null) return null;
    value += leg.sign * measured.value;
    variance += measured.variance;
  }
  return { value, variance };
}

function legValue(leg: PlannedLeg, results: NetworkResults, variances: ReadonlyMap<string, number>): MeasuredValue | null {
  let precision = 0;
  let sum = 0;
  for (const { edge, sign } of leg.edges) {
    const { n, estimate } = results.get(edge.key) ?? noResults;
    if (n === 0 || estimate === null) continue;
    const own = n / (variances.get(edge.key) ?? Number.POSITIVE_INFINITY);
    precision += own;
    sum += own * sign * estimate;
  }
  return precision === 0 ? null : { value: sum / precision, variance: 1 / precision };
}
