import { mean, sampleDeviation } from "../numerics/mean-and-deviation.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";

/** How well repeats of one calculation agree. kcal/mol. */
export interface RepeatDisagreement {
  readonly n: number;
  /** Largest less smallest. */
  readonly range: number;
  /** Sample standard deviation (n − 1). */
  readonly sd: number;
  /**
   * Probability of a spread at least this large if the repeats differed by their own errors alone: Σ ((x − x̄)/error)² as chi-square with
   * n − 1 degrees of freedom, x̄ weighted by 1/error². null where an error is not known or not above 0.
   */
  readonly probability: number | null;
  /** Whether a person should look: the range or the probability is beyond its limit. */
  readonly disagrees: boolean;
}

export interface DisagreementLimits {
  /** kcal/mol. Default 1: what a factor of five in affinity is. */
  readonly range?: number;
  /** Default 0.001. Errors of single simulations are often too small, so that this alone is common. */
  readonly probability?: number;
}

/**
 * Compares repeats of one leg. null for fewer than two.
 * @param repeats values with the error of each simulation (such as MBAR's), null where not known
 */
export function repeatDisagreement(
  repeats: readonly { readonly value: number; readonly error: number | null }[],
  { range: largestRange = 1, probability: leastProbability = 0.001 }: DisagreementLimits = {},
): RepeatDisagreement | null {
  if (repeats.length < 2) return null;
  const values = repeats.map(({ value }) => value);
  const range = Math.max(...values) - Math.min(...values);
  const probability = probabilityOf(repeats);
  const disagrees = range > largestRange || (probability !== null && probability < leastProbability);
  return { n: values.length, range, sd: sampleDeviation(values), probability, disagrees };
}

function probabilityOf(repeats: readonly { readonly value: number; readonly error: number | null }[]): number | null {
  const weights = repeats.map(({ error }) => (error !== null && error > 0 ? 1 / error ** 2 : NaN));
  if (!weights.every(Number.isFinite)) return null;
  const centre = mean(repeats.map(({ value }, i) => value * (weights[i] as number))) / mean(weights);
  const chi2 = repeats.reduce((sum, { value }, i) => sum + (value - centre) ** 2 * (weights[i] as number), 0);
  return chiSquareSurvival(chi2, repeats.length - 1);
}
