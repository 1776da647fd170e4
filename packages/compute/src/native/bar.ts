/** Bennett's acceptance ratio: a free energy difference from the work of switching both ways. */

/** In kT. */
export interface BarEstimate {
  readonly difference: number;
  /** Asymptotic standard error. */
  readonly error: number;
}

/** Work values that no estimate can be made of. */
export class NoEstimate extends Error {
  override readonly name = "NoEstimate";
}

/**
 * F_B − F_A in kT from the work (kT) of switching A → B and B → A. Lengths may differ; neither may be empty.
 *
 * Solves Bennett's self-consistent equation (C. H. Bennett, J. Comput. Phys. 22 (1976) 245) in the maximum-likelihood form for
 * non-equilibrium work (M. R. Shirts, E. Bair, G. Hooker, V. S. Pande, Phys. Rev. Lett. 91 (2003) 140601), whose imbalance grows
 * strictly with the difference; the error is Bennett's asymptotic variance. Overlap that is no more than a few values on each side
 * makes the error too small.
 * @throws {NoEstimate}
 */
export function bar(forward: readonly number[], reverse: readonly number[]): BarEstimate {
  if (forward.length === 0 || reverse.length === 0) {
    throw new NoEstimate(
      `BAR needs work of both directions; there are ${forward.length} forward and ${reverse.length} reverse values`,
    );
  }
  if (![...forward, ...reverse].every(Number.isFinite)) throw new NoEstimate("BAR needs finite work values");
  const m = Math.log(forward.length / reverse.length);
  const difference = root(
    (d) => logSumExp(forward.map((w) => -softplus(m + w - d))) - logSumExp(reverse.map((w) => -softplus(-m + w + d))),
    Math.min(lowest(forward), -highest(reverse)) - 1,
    Math.max(highest(forward), -lowest(reverse)) + 1,
  );
  const variance =
    relativeVariance(forward.map((w) => fermi(w + m - difference))) +
    relativeVariance(reverse.map((w) => fermi(w - m + difference))) -
    (forward.length + reverse.length) / (forward.length * reverse.length);
  return { difference, error: Math.sqrt(Math.max(variance, 0)) };
}

/** Bisection to the last bit, after widening until the signs differ. `imbalance` must grow. */
function root(imbalance: (d: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const step = high - low;
  while (imbalance(low) > 0) low -= step;
  while (imbalance(high) < 0) high += step;
  for (;;) {
    const middle = 0.5 * (low + high);
    if (!(low < middle && middle < high)) return middle;
    if (imbalance(middle) < 0) low = middle;
    else high = middle;
  }
}

/** ⟨a²⟩ / ⟨a⟩² / n */
function relativeVariance(values: readonly number[]): number {
  const n = values.length;
  const mean = sum(values) / n;
  return sum(values.map((value) => value * value)) / n / mean ** 2 / n;
}

/** ln(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + eˣ) without overflow. */
function fermi(x: number): number {
  return Math.exp(-softplus(x));
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
