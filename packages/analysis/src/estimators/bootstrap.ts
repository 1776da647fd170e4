import { mean, populationDeviation } from "../numerics/mean-and-deviation.ts";
import type { RandomStream } from "../random/random-stream.ts";
import { resamples } from "../random/resamples.ts";
import { resampledBar } from "./bar.ts";

/** Of a statistic over resamples of the data. */
export interface Bootstrap {
  /** One for each list of indices, in their order. */
  readonly replicates: Float64Array;
  readonly mean: number;
  /** Population standard deviation over the replicates. */
  readonly deviation: number;
}

/**
 * A statistic over resamples of the data (B. Efron, Ann. Stat. 7 (1979) 1).
 * @param indices one list for each replicate, drawn with replacement: `resamples` makes them
 */
export function bootstrap(statistic: (indices: ArrayLike<number>) => number, indices: Iterable<ArrayLike<number>>): Bootstrap {
  const replicates = Float64Array.from(indices, statistic);
  return { replicates, mean: mean(replicates), deviation: populationDeviation(replicates) };
}

/**
 * BAR (kT) over resamples of whole cycles: the same indices for both directions, which must have the same number of values. (spec/analysis.md §3)
 */
export function bootstrapBar(
  forward: readonly number[],
  reverse: readonly number[],
  indices: Iterable<ArrayLike<number>>,
): Bootstrap {
  const difference = resampledBar(forward, reverse);
  return bootstrap((chosen) => difference(chosen, chosen), indices);
}

/** The same for directions with different numbers of values, each resampled on its own. */
export function bootstrapBarUnpaired(
  forward: readonly number[],
  reverse: readonly number[],
  random: RandomStream,
  replicates: number,
): Bootstrap {
  const difference = resampledBar(forward, reverse);
  const others = resamples(random, reverse.length, replicates);
  return bootstrap((chosen) => difference(chosen, others.next().value ?? []), resamples(random, forward.length, replicates));
}
