/** Milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Of at least one sample; quantiles by the nearest rank. */
export function latencySummary(milliseconds: Iterable<number>): LatencySummary {
  const sorted = Float64Array.from(milliseconds).sort();
  const rank = (quantile: number): number => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] as number;
  if (sorted.length === 0) throw new RangeError("there are no samples");
  return {
    count: sorted.length,
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: rank(0.5),
    p99: rank(0.99),
    max: rank(1),
  };
}
