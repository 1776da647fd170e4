import { InvalidInput } from "../invalid-input.ts";
import { highest, logSumExp } from "../numerics/log-sum-exp.ts";
import { mean, populationDeviation } from "../numerics/mean-and-deviation.ts";

/** In kT. */
export interface ExponentialAverage {
  readonly difference: number;
  /** Standard error to first order: sd(e^−w)/(√n ⟨e^−w⟩). */
  readonly error: number;
}

/**
 * ΔF = −ln⟨e^−w⟩ in kT from work (kT) in one direction (C. Jarzynski, Phys. Rev. Lett. 78 (1997) 2690; R. W. Zwanzig, J. Chem. Phys. 22
 * (1954) 1420). Biased for few values of wide spread: use BAR where both directions are known.
 * @throws {InvalidInput} where there is no value or one is not finite
 */
export function exponentialAverage(work: ArrayLike<number>): ExponentialAverage {
  if (work.length === 0) throw new InvalidInput("work", "is empty; an exponential average needs at least one value");
  const negative = Float64Array.from(work, (w) => -w);
  if (!negative.every(Number.isFinite)) throw new InvalidInput("work", "must be finite numbers of kT");
  const top = highest(negative);
  const weights = negative.map((value) => Math.exp(value - top));
  return {
    difference: -(logSumExp(negative) - Math.log(work.length)),
    error: populationDeviation(weights) / Math.sqrt(work.length) / mean(weights),
  };
}
