/** Correlated samples: how many of them count as one, and which to keep. */
import { InvalidInput } from "../invalid-input.ts";
import { mean } from "../numerics/mean-and-deviation.ts";

export interface CorrelationOptions {
  /** Look at ever larger intervals: quick, less exact. */
  readonly fast?: boolean;
  /** Sum the correlation at least so far, even where it has become negative. 3 unless given. */
  readonly minTime?: number;
}

/**
 * Statistical inefficiency g = 1 + 2τ ≥ 1 of a time series, the sum over its normalised autocorrelation C(t) until that first falls to 0:
 *
 *     g = 1 + 2 Σ_t C(t) (1 − t/N)
 *
 * J. D. Chodera, W. C. Swope, J. W. Pitera, C. Seok, K. A. Dill, J. Chem. Theory Comput. 3 (2007) 26. As pymbar's `statistical_inefficiency`.
 * @throws {InvalidInput} for a series that does not vary
 */
export function statisticalInefficiency(series: ArrayLike<number>, options: CorrelationOptions = {}): number {
  const { fast = false, minTime = 3 } = options;
  const n = series.length;
  const centre = mean(series);
  const deviations = Float64Array.from(series, (value) => value - centre);
  const variance = mean(deviations.map((d) => d * d));
  // Also where there is no value, or one that is not finite.
  if (!(variance > 0) || !Number.isFinite(variance)) {
    throw new InvalidInput("series", `has the variance ${variance}; an inefficiency needs finite values that vary`);
  }
  let g = 1;
  for (let t = 1, increment = 1; t < n - 1; t += increment, increment += fast ? 1 : 0) {
    let sum = 0;
    for (let i = 0; i + t < n; i++) sum += (deviations[i] as number) * (deviations[i + t] as number);
    const correlation = sum / ((n - t) * variance);
    if (correlation <= 0 && t > minTime) break;
    g += 2 * correlation * (1 - t / n) * increment;
  }
  return Math.max(1, g);
}

export interface SubsampleOptions extends CorrelationOptions {
  /** The inefficiency, if it is known. */
  readonly inefficiency?: number;
  /** Take every ⌈g⌉-th sample instead of one in g on average. */
  readonly conservative?: boolean;
}

/**
 * Indices of samples that are as good as independent: about one in g. As pymbar's `subsample_correlated_data`.
 * @throws {InvalidInput} as `statisticalInefficiency`; for a given inefficiency below 1
 */
export function uncorrelatedIndices(series: ArrayLike<number>, options: SubsampleOptions = {}): number[] {
  const g = options.inefficiency ?? statisticalInefficiency(series, options);
  if (!(g >= 1)) throw new InvalidInput("inefficiency", `is ${g}; it must be at least 1`);
  const stride = options.conservative ? Math.ceil(g) : g;
  const indices: number[] = [];
  for (let n = 0; ; n++) {
    const index = roundHalfToEven(n * stride);
    if (index >= series.length) return indices;
    if (index !== indices[indices.length - 1]) indices.push(index);
  }
}

/** As Python rounds. */
function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

export interface Equilibration {
  /** First sample of the equilibrated part. */
  readonly start: number;
  /** Statistical inefficiency from there on. */
  readonly inefficiency: number;
  /** Samples from there on that are as good as independent. */
  readonly effectiveSamples: number;
}

/**
 * Where a series is equilibrated: the start that leaves most independent samples (J. D. Chodera, J. Chem. Theory Comput. 12 (2016) 1799). As
 * pymbar's `detect_equilibration`, single precision of its comparisons included. Quadratic in the length: thin long series with `skip`.
 */
export function detectEquilibration(series: ArrayLike<number>, options: { fast?: boolean; skip?: number } = {}): Equilibration {
  const { fast = true, skip = 1 } = options;
  const values = Float64Array.from(series);
  const n = values.length;
  let best: Equilibration = { start: 0, inefficiency: 1, effectiveSamples: 1 };
  if (values.every((value) => value === values[0])) return best;
  for (let start = 0; start < n - 1; start += skip) {
    const inefficiency = Math.fround(inefficiencyFrom(values.subarray(start), fast));
    const effectiveSamples = Math.fround((n - start + 1) / inefficiency);
    if (start === 0 || effectiveSamples > best.effectiveSamples) best = { start, inefficiency, effectiveSamples };
  }
  return best;
}

/** A rest that does not vary counts as one sample. */
function inefficiencyFrom(rest: Float64Array, fast: boolean): number {
  return rest.every((value) => value === rest[0]) ? rest.length + 1 : statisticalInefficiency(rest, { fast });
}
