/** Arithmetic mean; NaN of none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Sample standard deviation, √(Σ(x − x̄)²/(n − 1)); 0 of one value. (spec/analysis.md §2) */
export function sampleDeviation(values: ArrayLike<number>): number {
  return values.length < 2 ? 0 : Math.sqrt(squaredDeviations(values) / (values.length - 1));
}

/** Standard deviation of a whole population, √(Σ(x − x̄)²/n): what the spread over bootstrap replicates is measured by. */
export function populationDeviation(values: ArrayLike<number>): number {
  return Math.sqrt(squaredDeviations(values) / values.length);
}

function squaredDeviations(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - centre) ** 2;
  return sum;
}
