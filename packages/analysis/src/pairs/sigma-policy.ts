import { mean, sampleDeviation } from "../numerics/mean-and-deviation.ts";

/** One value of a leg. kcal/mol. */
export interface Repeat {
  readonly value: number;
  /** Of this simulation alone: MBAR's error, or the uncertainty that the protocol gives. null where not known. */
  readonly error: number | null;
}

/**
 * How the uncertainty of a leg is made of its repeats.
 *
 * - `repeat-sd`: their standard deviation (n − 1), as openfe does; it does not shrink with more repeats
 * - `sem`: that divided by √n
 * - `mbar`: √(mean of the squared errors of the simulations)
 * - `max`: the larger one of `repeat-sd` and `mbar`
 */
export const sigmaPolicies = ["repeat-sd", "sem", "mbar", "max"] as const;
export type SigmaPolicy = (typeof sigmaPolicies)[number];

export interface LegSigma {
  /** null where nothing gives one. */
  readonly sigma: number | null;
  /** What it is: not always what was asked for, as one repeat has no spread. */
  readonly kind: "repeat-sd" | "sem" | "mbar" | null;
}

/** The uncertainty of a leg; of one repeat, or where errors are not known, what can be had. (spec/analysis.md §4) */
export function legSigma(repeats: readonly Repeat[], policy: SigmaPolicy): LegSigma {
  const spread = repeats.length < 2 ? null : sampleDeviation(repeats.map(({ value }) => value));
  const error = rootMeanSquareError(repeats);
  if (spread === null || (policy === "mbar" && error !== null)) return { sigma: error, kind: error === null ? null : "mbar" };
  if (policy === "max" && error !== null && error > spread) return { sigma: error, kind: "mbar" };
  if (policy === "sem") return { sigma: spread / Math.sqrt(repeats.length), kind: "sem" };
  return { sigma: spread, kind: "repeat-sd" };
}

function rootMeanSquareError(repeats: readonly Repeat[]): number | null {
  const squares = repeats.map(({ error }) => (error === null ? NaN : error * error));
  const root = Math.sqrt(mean(squares));
  return Number.isFinite(root) ? root : null;
}
