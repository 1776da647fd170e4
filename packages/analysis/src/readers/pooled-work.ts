/** One BAR on the work of all results together, as all protocols that switch make their estimate. */
import { type BarEstimate, bar } from "../estimators/bar.ts";
import { forwardReverse } from "../estimators/forward-reverse.ts";
import { mean, sampleDeviation } from "../numerics/mean-and-deviation.ts";
import type { CollectedFlags } from "../readings/collected-flags.ts";
import type { AloneEstimate, Convergence, WorkReading } from "../readings/result-reading.ts";
import {
  noEstimate,
  type RepeatEstimate,
  type TransformationEstimate,
  type UncertaintyKind,
} from "../readings/transformation-estimate.ts";
import { gasConstant } from "../units/gas-constant.ts";

/** The work of one result. */
export interface ResultWork extends Pick<WorkReading, "alone" | "forward" | "reverse"> {
  readonly resultKey: string;
  readonly repeatId: string;
  readonly temperature: number | null;
}

/** How a protocol tells its uncertainty, in kT, from the pooled work and its BAR. */
export interface WorkUncertainty {
  readonly kind: UncertaintyKind;
  of(pool: PooledWork, estimate: BarEstimate): number;
}

export interface PooledWork {
  readonly forward: readonly number[];
  readonly reverse: readonly number[];
  /** Of the results in the pool, in its order. */
  readonly resultKeys: readonly string[];
}

/** Directions that overlap less give no reliable estimate. */
const leastOverlap = 0.03;

/**
 * ΔG = kT · BAR on the work of all results, in their order, which must not depend on when they came: sums do.
 * @param results of one temperature, or there is no estimate
 */
export function estimateFromWork(
  protocol: string,
  results: readonly ResultWork[],
  uncertainty: WorkUncertainty,
  flags: CollectedFlags,
): TransformationEstimate {
  const usable = results.filter(({ forward, reverse }) => forward.length > 0 || reverse.length > 0);
  const pool: PooledWork = {
    forward: usable.flatMap((result) => result.forward),
    reverse: usable.flatMap((result) => result.reverse),
    resultKeys: usable.map((result) => result.resultKey),
  };
  const none = { ...noEstimate(protocol), method: "bar", uncertaintyKind: uncertainty.kind } as const;
  const temperatures = new Set(usable.map((result) => result.temperature));
  const [temperature = null] = temperatures;
  if (temperatures.size > 1)
    flags.add("mixed-temperatures", `results at ${[...temperatures].join(" K and ")} K cannot be taken together`);
  else if (pool.forward.length === 0 || pool.reverse.length === 0) flags.add("missing-repeats", "no work of both directions");
  if (temperatures.size > 1 || temperature === null || pool.forward.length === 0 || pool.reverse.length === 0) {
    return { ...none, flags: flags.list() };
  }
  const kt = gasConstant * temperature;
  const whole = bar(pool.forward, pool.reverse);
  const perRepeat = usable.flatMap((result) => repeatEstimate(result, kt) ?? []);
  const values = perRepeat.map((repeat) => repeat.estimate);
  const isOverlapping = Number.isFinite(whole.mbarError);
  flagPool(pool, whole, flags);
  return {
    ...none,
    estimate: isOverlapping ? kt * whole.difference : null,
    uncertainty: isOverlapping ? kt * uncertainty.of(pool, whole) : null,
    n: pool.resultKeys.length,
    resultKeys: [...pool.resultKeys].sort(),
    perRepeat,
    perLeg:
      values.length === 0
        ? []
        : [
            {
              leg: null,
              n: values.length,
              mean: mean(values),
              sd: sampleDeviation(values),
              error: isOverlapping ? kt * whole.mbarError : null,
              sign: 1,
            },
          ],
    convergence: usable.flatMap(({ resultKey, repeatId, alone }) =>
      alone?.convergence ? [{ resultKey, leg: null, repeatId, data: alone.convergence }] : [],
    ),
    overlap: whole.overlap,
    flags: flags.list(),
  };
}

function flagPool({ forward, reverse }: PooledWork, { mbarError, overlap }: BarEstimate, flags: CollectedFlags): void {
  if (forward.length !== reverse.length) {
    flags.add("unequal-work", `${forward.length} forward and ${reverse.length} reverse work values`);
  }
  if (forward.length === 1 || reverse.length === 1)
    flags.add("one-repeat", "with one work value in a direction, nothing is known of how values vary");
  if (!Number.isFinite(mbarError)) flags.add("no-overlap", "forward and reverse work do not overlap at all: switch more slowly");
  else if (overlap < leastOverlap) {
    flags.add("poor-overlap", `forward and reverse work overlap by ${overlap.toPrecision(2)}: switch more slowly`);
  }
}

function repeatEstimate(result: ResultWork, kt: number): RepeatEstimate | undefined {
  const { resultKey, repeatId, alone } = result;
  const found = alone === undefined ? barAlone(result, kt) : alone.bar;
  return found === null ? undefined : { resultKey, leg: null, repeatId, generation: 0, ...found };
}

/** The work of one result as it is kept, with what takes long and needs nothing else. @param temperature kelvin */
export function workReading(work: Omit<WorkReading, "alone">, temperature: number): WorkReading {
  const kt = gasConstant * temperature;
  const count = Math.min(work.forward.length, work.reverse.length);
  return { ...work, alone: { bar: barAlone(work, kt), convergence: count < 2 ? null : convergence(work, count, kt) } };
}

type Work = Pick<WorkReading, "forward" | "reverse">;

function barAlone({ forward, reverse }: Work, kt: number): AloneEstimate["bar"] {
  if (forward.length === 0 || reverse.length === 0) return null;
  const { difference, mbarError, overlap } = bar(forward, reverse);
  return Number.isFinite(mbarError) ? { estimate: kt * difference, error: kt * mbarError, overlap } : null;
}

function convergence({ forward, reverse }: Work, count: number, kt: number): Convergence {
  return forwardReverse(count, (from, to) => {
    const part = barAlone({ forward: forward.slice(from, to), reverse: reverse.slice(from, to) }, kt);
    return part === null ? null : { value: part.estimate, error: part.error };
  });
}
