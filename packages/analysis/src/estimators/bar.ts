/** Bennett's acceptance ratio: a free energy difference from the work of switching both ways. */
import { InvalidInput } from "../invalid-input.ts";
import { increasingRoot, type ValueAndSlope } from "../numerics/increasing-root.ts";
import { highest, logSumExp, lowest, softplus } from "../numerics/log-sum-exp.ts";

/** In kT. */
export interface BarEstimate {
  readonly difference: number;
  /** Bennett's asymptotic standard error: too low where the directions overlap poorly. */
  readonly barError: number;
  /** MBAR's for two states: too high there. +∞ where they do not overlap at all. */
  readonly mbarError: number;
  /** MBAR's scalar overlap of the two states: 1 complete, 0 none. */
  readonly overlap: number;
}

/**
 * ΔF = F_1 − F_0 in kT from the work (kT) of switching 0 → 1 and 1 → 0. Lengths may differ; neither may be empty.
 *
 * With M = ln(n_F/n_R) and φ(x) = ln(1 + eˣ), the root D of
 *
 *     g(D) = ln Σ exp(−φ(M + w_F − D)) − ln Σ exp(−φ(−M + w_R + D))
 *
 * which increases strictly with D. C. H. Bennett, J. Comput. Phys. 22 (1976) 245; for non-equilibrium work M. R. Shirts, E. Bair, G. Hooker,
 * V. S. Pande, Phys. Rev. Lett. 91 (2003) 140601. With a = 1/(1 + e^(w_F + M − D)), b = 1/(1 + e^(w_R − M + D)) the errors are
 *
 *     BAR²  = (⟨a²⟩/⟨a⟩²)/n_F + (⟨b²⟩/⟨b⟩²)/n_R − (n_F + n_R)/(n_F n_R)
 *     MBAR² = 1/(n_F(⟨a⟩ − ⟨a²⟩) + n_R(⟨b⟩ − ⟨b²⟩)) − (n_F + n_R)/(n_F n_R)
 *
 * (M. R. Shirts, J. D. Chodera, J. Chem. Phys. 129 (2008) 124105, equation E9). A negative variance is rounding and becomes 0. (spec/analysis.md §3)
 * @throws {InvalidInput} where a direction is empty or a value is not finite
 */
export function bar(forward: ArrayLike<number>, reverse: ArrayLike<number>): BarEstimate {
  checkWork(forward, "forward work");
  checkWork(reverse, "reverse work");
  const difference = barDifference(forward, reverse);
  const [nF, nR] = [forward.length, reverse.length];
  const c = Math.log(nF / nR) - difference;
  const f = fermiMoments(forward, c);
  const r = fermiMoments(reverse, -c);
  const least = (nF + nR) / (nF * nR);
  const shared = (f.mean - f.meanSquare) * nF + (r.mean - r.meanSquare) * nR;
  return {
    difference,
    barError: Math.sqrt(Math.max(0, f.ratio / nF + r.ratio / nR - least)),
    mbarError: Math.sqrt(Math.max(0, 1 / shared - least)),
    overlap: shared * least,
  };
}

/**
 * The difference of `bar` alone, without checks.
 * @param start where to look first, if it is known about
 */
export function barDifference(forward: ArrayLike<number>, reverse: ArrayLike<number>, start?: number): number {
  const m = Math.log(forward.length / reverse.length);
  return increasingRoot(
    (d) => {
      const f = logFermiSum(forward, m - d);
      const r = logFermiSum(reverse, d - m);
      return { value: f.value - r.value, slope: f.slope + r.slope };
    },
    Math.min(lowest(forward), -highest(reverse)) - 1,
    Math.max(highest(forward), -lowest(reverse)) + 1,
    start,
  );
}

/**
 * The difference of `bar` for resamples of the work, given by indices. The exponentials of the work are made once for all of them: a thousand resamples
 * take a tenth of the time.
 */
export function resampledBar(
  forward: ArrayLike<number>,
  reverse: ArrayLike<number>,
): (forwardIndices: ArrayLike<number>, reverseIndices: ArrayLike<number>) => number {
  const centre = barDifference(forward, reverse);
  const x = Float64Array.from(forward, (w) => Math.exp(w - centre));
  const y = Float64Array.from(reverse, (w) => Math.exp(w + centre));
  return (chosenForward, chosenReverse) => {
    const m = Math.log(chosenForward.length / chosenReverse.length);
    let isSafe = true;
    const shift = increasingRoot(
      (d) => {
        const f = logFermiSumOf(x, chosenForward, Math.exp(m - d));
        const r = logFermiSumOf(y, chosenReverse, Math.exp(d - m));
        isSafe &&= Number.isFinite(f.value) && Number.isFinite(r.value);
        return isSafe ? { value: f.value - r.value, slope: f.slope + r.slope } : { value: 0, slope: 1 };
      },
      -1,
      1,
      0,
    );
    if (isSafe) return centre + shift;
    const pick = (work: ArrayLike<number>, chosen: ArrayLike<number>) => Float64Array.from(chosen, (i) => work[i] as number);
    return barDifference(pick(forward, chosenForward), pick(reverse, chosenReverse), centre);
  };
}

/** As `logFermiSum`, of exponentials that are there. */
function logFermiSumOf(exponentials: Float64Array, chosen: ArrayLike<number>, factor: number): ValueAndSlope {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < chosen.length; i++) {
    const a = 1 / (1 + (exponentials[chosen[i] as number] as number) * factor);
    sum += a;
    squares += a * a;
  }
  return { value: sum > smallSum ? Math.log(sum) : Number.NEGATIVE_INFINITY, slope: 1 - squares / sum };
}

function checkWork(work: ArrayLike<number>, field: string): void {
  if (work.length === 0) throw new InvalidInput(field, "is empty; BAR needs work of both directions");
  for (let i = 0; i < work.length; i++) {
    if (!Number.isFinite(work[i])) throw new InvalidInput(`${field}[${i}]`, `is ${work[i]}; work must be a finite number of kT`);
  }
}

/** Below this sums are made in logarithms, as their terms underflow. */
const smallSum = 1e-280;

/** ln Σ 1/(1 + e^(w + c)), and how fast it falls with c. */
function logFermiSum(work: ArrayLike<number>, c: number): ValueAndSlope {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < work.length; i++) {
    const a = 1 / (1 + Math.exp((work[i] as number) + c));
    sum += a;
    squares += a * a;
  }
  if (sum > smallSum) return { value: Math.log(sum), slope: 1 - squares / sum };
  return { value: logSumExp(Float64Array.from(work, (w) => -softplus(w + c))), slope: 1 };
}

/** Means of f = 1/(1 + e^(w + c)). */
interface FermiMoments {
  readonly mean: number;
  readonly meanSquare: number;
  /** ⟨f²⟩/⟨f⟩². */
  readonly ratio: number;
}

/** Beyond this e^(±x) is not safe to add up. */
const safeExponent = 700;

/**
 * In the order of operations of pymbar's `bar`: of one or two equal values Bennett's error is nothing but the rounding of these steps.
 */
function fermiMoments(work: ArrayLike<number>, c: number): FermiMoments {
  const n = work.length;
  const top = highest(work) + c;
  const isSafe = Math.abs(top) <= safeExponent;
  const floor = Math.exp(-top);
  const shifted = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const x = (work[i] as number) + c;
    shifted[i] = isSafe ? -Math.log(floor + Math.exp(x - top)) : top - softplus(x);
  }
  const logSum = logSumExp(shifted);
  for (let i = 0; i < n; i++) shifted[i] = 2 * (shifted[i] as number);
  const logSquares = logSumExp(shifted);
  const mean = Math.exp(logSum - top) / n;
  const meanSquare = Math.exp(logSquares - 2 * top) / n;
  const ratio = mean > 1e-150 ? meanSquare / (mean * mean) : n * Math.exp(logSquares - 2 * logSum);
  return { mean, meanSquare, ratio };
}
