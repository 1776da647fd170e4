import type { Convergence } from "../readings/result-reading.ts";

/** An estimate and its error, or null where there is none. */
export type PartEstimate = { readonly value: number; readonly error: number } | null;

/**
 * How an estimate changes with the samples used: from the first tenth, fifth, … of them, and from the last (P. V. Klimovich, M. R. Shirts,
 * D. L. Mobley, J. Comput. Aided Mol. Des. 29 (2015) 397).
 * @param count samples, in the order in which they were made
 * @param estimate from the samples `from` … `to` − 1
 */
export function forwardReverse(count: number, estimate: (from: number, to: number) => PartEstimate, parts = 10): Convergence {
  const fractions = Array.from({ length: parts }, (_, i) => (i + 1) / parts);
  const sizes = fractions.map((fraction) => Math.round(fraction * count));
  const forward = sizes.map((size) => (size === 0 ? null : estimate(0, size)));
  const reverse = sizes.map((size) => (size === 0 ? null : estimate(count - size, count)));
  const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);
  return {
    fractions,
    forward: forward.map((part) => finite(part?.value)),
    forwardError: forward.map((part) => finite(part?.error)),
    reverse: reverse.map((part) => finite(part?.value)),
    reverseError: reverse.map((part) => finite(part?.error)),
  };
}
