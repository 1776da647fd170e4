/** Bennett's acceptance ratio: a free energy difference from the work of switching both ways. */

/** In kT. */
export interface BarEstimate {
  readonly difference: number;
  /** Asymptotic standard error. */
  readonly error: number;
}

/** Work values that no estimate can be made of. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
}

/** Bisection ends by itself long before, but for values so small that halving goes on into the denormal numbers. */
const maxHalvings = 200;
/** A variance below this part of its smallest possible value is rounding: wells that differ by their offset alone. */
const rounding = 1e-12;

/**
 * F_B − F_A in kT from the work (kT) of switching A → B and B → A. Lengths may differ; neither may be empty.
 *
 * Solves Bennett's self-consistent equation (C. H. Bennett, J. Comput. Phys. 22 (1976) 245) in the maximum-likelihood form for
 * non-equilibrium work (M. R. Shirts, E. Bair, G. Hooker, V. S. Pande, Phys. Rev. Lett. 91 (2003) 140601), whose imbalance grows
 * strictly with the difference. The error is the larger of Bennett's asymptotic variance and that of MBAR (M. R. Shirts,
 * J. D. Chodera, J. Chem. Phys. 129 (2008) 124105): they agree where the work distributions overlap, and elsewhere Bennett's is too
 * low. Same rules as the Python class (docs/native-protocol.md).
 * @throws {OverlapError} for missing or non-finite values, and where the two directions do not overlap at all.
 */
export function bar(forward: readonly number[], reverse: readonly number[]): BarEstimate {
  if (forward.length === 0 || reverse.length === 0) {
    throw new OverlapError(`BAR needs work of both directions; got ${forward.length} forward, ${reverse.length} reverse`);
  }
  if (![...forward, ...reverse].every(Number.isFinite)) throw new OverlapError("BAR needs finite work values");
  const m = Math.log(forward.length / reverse.length);
  const difference = root(
    (d) => logSumExp(forward.map((w) => -softplus(m + w - d))) - logSumExp(reverse.map((w) => -softplus(-m + w + d))),
    Math.min(lowest(forward), -highest(reverse)) - 1,
    Math.max(highest(forward), -lowest(reverse)) + 1,
  );
  const x = forward.map((w) => w + m - difference);
  const y = reverse.map((w) => w - m + difference);
  const floor = 1 / forward.length + 1 / reverse.length;
  const bennett = inverseSampleSize(x) + inverseSampleSize(y) - floor;
  const mbar = 1 / (sum(x.map(overlap)) + sum(y.map(overlap))) - floor;
  const variance = Math.max(bennett, mbar);
  if (!Number.isFinite(variance)) {
    throw new OverlapError(
      "forward and reverse work do not overlap at all: switch more slowly (more steps or a longer timestep)",
    );
  }
  return { difference, error: variance < rounding * floor ? 0 : Math.sqrt(variance) };
}

/** Bisection to the last bit, after widening until the signs differ. `imbalance` must grow. */
function root(imbalance: (d: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const step = high - low;
  while (imbalance(low) > 0) low -= step;
  while (imbalance(high) < 0) high += step;
  for (let halvings = 0; halvings < maxHalvings; halvings += 1) {
    const middle = 0.5 * (low + high);
    if (!(low < middle && middle < high)) break;
    if (imbalance(middle) < 0) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}

/** Σf² / (Σf)² of the Fermi functions f, in logarithms because they underflow. */
function inverseSampleSize(x: readonly number[]): number {
  const logFermi = x.map((value) => -softplus(value));
  return Math.exp(logSumExp(logFermi.map((value) => 2 * value)) - 2 * logSumExp(logFermi));
}

/** f (1 − f) of the Fermi function f. */
function overlap(x: number): number {
  return Math.exp(-softplus(x) - softplus(-x));
}

/** ln(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function logSumExp(values: readonly number[]): number {
  const top = highest(values);
  return top + Math.log(sum(values.map((value) => Math.exp(value - top))));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function lowest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function highest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
