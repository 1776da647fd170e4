/** Multistate Bennett acceptance ratio: free energies of many states from samples of some of them. */
import { InvalidInput } from "../invalid-input.ts";
import { highest, logSumExp } from "../numerics/log-sum-exp.ts";
import { solveLinear } from "../numerics/solve-linear.ts";
import { symmetricEigen } from "../numerics/symmetric-eigen.ts";
import { OverlapError } from "./overlap-error.ts";

/** Free energies in kT. Matrices are lists of rows. */
export interface MbarEstimate {
  /** f_k − f_0 of each state. */
  readonly energies: readonly number[];
  /** `differences[i][j]` = f_j − f_i. */
  readonly differences: readonly (readonly number[])[];
  /** Asymptotic standard errors of the differences; +∞ between states that no chain of overlaps connects. */
  readonly errors: readonly (readonly number[])[];
  readonly overlap: MbarOverlap;
}

export interface MbarOverlap {
  /** 1 − the second largest eigenvalue: 1 complete overlap, 0 none. */
  readonly scalar: number;
  /** Of the matrix, largest first. */
  readonly eigenvalues: readonly number[];
  /** `matrix[i][j]`: probability that a sample from state i is found in state j. */
  readonly matrix: readonly (readonly number[])[];
}

/**
 * The free energies f of K states from N samples, by the equations
 *
 *     f_k = −ln Σ_n exp(−u_kn) / Σ_j N_j exp(f_j − u_jn)
 *
 * solved by Newton's method with steps of self-consistent iteration where that does not come nearer (M. R. Shirts, J. D. Chodera, J. Chem.
 * Phys. 129 (2008) 124105; equations C3, C9). Errors from the asymptotic covariance Θ = W⊤(I − W N W⊤)⁺W (equation 8), by the
 * eigenvalues of W⊤W (appendix D). As pymbar 4.
 * @param reduced u_kn: reduced potential energy of sample n in state k; K rows of N, samples of one state side by side, in the order of the states
 * @param counts N_k: samples of each state; may be 0
 * @throws {InvalidInput} for shapes that do not fit, and values that are not finite
 * @throws {OverlapError} where the states do not overlap enough for a solution
 */
export function mbar(reduced: readonly ArrayLike<number>[], counts: readonly number[]): MbarEstimate {
  checkInput(reduced, counts);
  const energies = solve(reduced, counts);
  const k = counts.length;
  const inner = innerProducts(weights(reduced, counts, energies), k);
  const { theta, unresolved } = covariance(inner, counts);
  const at = (i: number, j: number) => theta[i * k + j] as number;
  const errorOf = (i: number, j: number) =>
    unresolved(i, j) ? Number.POSITIVE_INFINITY : Math.sqrt(Math.max(0, at(i, i) + at(j, j) - 2 * at(i, j)));
  return {
    energies: [...energies],
    differences: matrixOf(k, (i, j) => (energies[j] as number) - (energies[i] as number)),
    errors: matrixOf(k, (i, j) => (i === j ? 0 : errorOf(i, j))),
    overlap: overlapOf(inner, counts),
  };
}

function checkInput(reduced: readonly ArrayLike<number>[], counts: readonly number[]): void {
  if (counts.length === 0) throw new InvalidInput("N_k", "is empty; MBAR needs at least one state");
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new InvalidInput("N_k", "must be whole numbers of samples, 0 or more");
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new InvalidInput("N_k", "is 0 for all states; MBAR needs samples");
  if (reduced.length !== counts.length) throw new InvalidInput("u_kn", `has ${reduced.length} rows for ${counts.length} states`);
  for (const [k, row] of reduced.entries()) {
    if (row.length !== total) throw new InvalidInput(`u_kn[${k}]`, `has ${row.length} energies for ${total} samples`);
    for (let n = 0; n < total; n++) {
      if (!Number.isFinite(row[n])) throw new InvalidInput(`u_kn[${k}][${n}]`, `is ${row[n]}; energies must be finite`);
    }
  }
}

const maxIterations = 10_000;
const tolerance = 1e-13;

/** The free energies relative to state 0. */
function solve(reduced: readonly ArrayLike<number>[], counts: readonly number[]): Float64Array {
  let energies: Float64Array = new Float64Array(counts.length);
  let change = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const next = selfConsistent(reduced, counts, energies);
    const step = newton(reduced, counts, next);
    // How far self-consistency is from true tells which is nearer; far from the solution Newton's steps may lead away.
    const after = step === null ? null : selfConsistent(reduced, counts, step);
    const better = step !== null && after !== null && distance(after, step) <= distance(next, energies) ? after : next;
    change = distance(better, energies);
    energies = better;
    if (change < tolerance * Math.max(1, highest(energies.map(Math.abs)))) return energies;
  }
  throw new OverlapError(`MBAR did not converge (still changing by ${change} kT): the states do not overlap enough`);
}

function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return Number.isNaN(largest) ? Number.POSITIVE_INFINITY : largest;
}

/** ln Σ_k N_k exp(f_k − u_kn) of each sample. */
function logDenominators(reduced: readonly ArrayLike<number>[], counts: readonly number[], energies: Float64Array): Float64Array {
  const sampled = counts.flatMap((count, k) => (count > 0 ? [k] : []));
  const terms = new Float64Array(sampled.length);
  return Float64Array.from({ length: reduced[0]?.length ?? 0 }, (_, n) => {
    for (const [i, k] of sampled.entries()) {
      terms[i] = Math.log(counts[k] as number) + (energies[k] as number) - (reduced[k]?.[n] as number);
    }
    return logSumExp(terms);
  });
}

function selfConsistent(reduced: readonly ArrayLike<number>[], counts: readonly number[], energies: Float64Array): Float64Array {
  const denominators = logDenominators(reduced, counts, energies);
  const next = Float64Array.from(reduced, (row) => -logSumExp(denominators.map((d, n) => -(row[n] as number) - d)));
  return next.map((f) => f - (next[0] as number));
}

/** exp(f_k − u_kn)/Σ_j N_j exp(f_j − u_jn): K rows of N. */
function weights(reduced: readonly ArrayLike<number>[], counts: readonly number[], energies: Float64Array): Float64Array[] {
  const denominators = logDenominators(reduced, counts, energies);
  return reduced.map((row, k) => denominators.map((d, n) => Math.exp((energies[k] as number) - (row[n] as number) - d)));
}

/** W⊤W, K × K. */
function innerProducts(rows: readonly Float64Array[], k: number): Float64Array {
  const products = new Float64Array(k * k);
  for (const [i, a] of rows.entries()) {
    for (let j = i; j < k; j++) {
      const b = rows[j] as Float64Array;
      let sum = 0;
      for (let n = 0; n < a.length; n++) sum += (a[n] as number) * (b[n] as number);
      products[i * k + j] = sum;
      products[j * k + i] = sum;
    }
  }
  return products;
}

/** One step of Newton's method on the sampled states, the first of which stays; null where the equations are singular. */
function newton(reduced: readonly ArrayLike<number>[], counts: readonly number[], energies: Float64Array): Float64Array | null {
  const free = counts.flatMap((count, k) => (count > 0 ? [k] : [])).slice(1);
  const size = free.length;
  if (size === 0) return null;
  const rows = weights(reduced, counts, energies);
  const inner = innerProducts(rows, counts.length);
  const sums = rows.map((row) => row.reduce((sum, w) => sum + w, 0));
  const hessian = new Float64Array(size * size);
  const gradient = Float64Array.from(free, (k) => (counts[k] as number) * (1 - (sums[k] as number)));
  for (const [i, a] of free.entries()) {
    for (const [j, b] of free.entries()) {
      const outer = (counts[a] as number) * (counts[b] as number) * (inner[a * counts.length + b] as number);
      hessian[i * size + j] = (i === j ? (counts[a] as number) * (sums[a] as number) : 0) - outer;
    }
  }
  const step = solveLinear(hessian, gradient);
  if (step === null) return null;
  const next = energies.slice();
  for (const [i, k] of free.entries()) next[k] = (next[k] as number) + (step[i] as number);
  return next;
}

/** Relative size below which a singular value counts as 0, as in pymbar. */
const singular = 1e-10;

interface Covariance {
  readonly theta: Float64Array;
  /** Nothing is known of f_j − f_i. */
  readonly unresolved: (i: number, j: number) => boolean;
}

/** Θ = V Σ (I − Σ V⊤ N V Σ)⁺ Σ V⊤ with W⊤W = V Σ² V⊤. */
function covariance(inner: Float64Array, counts: readonly number[]): Covariance {
  const k = counts.length;
  const { values, vectors } = symmetricEigen(inner, k);
  const scale = values.map((value) => Math.sqrt(Math.max(0, value)));
  const middle = new Float64Array(k * k);
  fill(middle, k, (i, j) => {
    let sum = 0;
    for (let s = 0; s < k; s++) sum += (vectors[s * k + i] as number) * (counts[s] as number) * (vectors[s * k + j] as number);
    return (i === j ? 1 : 0) - (scale[i] as number) * sum * (scale[j] as number);
  });
  const { values: m, vectors: u } = symmetricEigen(middle, k);
  // They are at most 1: where all are rounding, nothing overlaps.
  const cutoff = Math.max(singular * highest(m.map(Math.abs)), 1e-14);
  // Columns of V Σ U.
  const factors = new Float64Array(k * k);
  fill(factors, k, (i, j) => {
    let sum = 0;
    for (let s = 0; s < k; s++) sum += (vectors[i * k + s] as number) * (scale[s] as number) * (u[s * k + j] as number);
    return sum;
  });
  const theta = new Float64Array(k * k);
  fill(theta, k, (i, j) => {
    let sum = 0;
    for (let s = 0; s < k; s++) {
      if (Math.abs(m[s] as number) > cutoff)
        sum += ((factors[i * k + s] as number) * (factors[j * k + s] as number)) / (m[s] as number);
    }
    return sum;
  });
  // All f together may be moved freely; a singular direction that tells two states apart is one that no sample says anything about.
  const unresolved = (i: number, j: number): boolean => {
    let apart = 0;
    let size = 0;
    for (let s = 0; s < k; s++) {
      if (Math.abs(m[s] as number) > cutoff) continue;
      const [a, b] = [factors[i * k + s] as number, factors[j * k + s] as number];
      apart += (a - b) ** 2;
      size += a ** 2 + b ** 2;
    }
    return apart > 1e-6 * size;
  };
  return { theta, unresolved };
}

/** O = W⊤W N; its eigenvalues are those of the symmetric N^½ W⊤W N^½. */
function overlapOf(inner: Float64Array, counts: readonly number[]): MbarOverlap {
  const k = counts.length;
  const symmetric = new Float64Array(k * k);
  fill(symmetric, k, (i, j) => Math.sqrt((counts[i] as number) * (counts[j] as number)) * (inner[i * k + j] as number));
  const eigenvalues = [...symmetricEigen(symmetric, k).values].sort((a, b) => b - a);
  return {
    scalar: 1 - (eigenvalues[1] ?? 0),
    eigenvalues,
    matrix: matrixOf(k, (i, j) => (counts[j] as number) * (inner[i * k + j] as number)),
  };
}

function fill(matrix: Float64Array, k: number, value: (i: number, j: number) => number): void {
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) matrix[i * k + j] = value(i, j);
}

function matrixOf(k: number, value: (i: number, j: number) => number): number[][] {
  return Array.from({ length: k }, (_, i) => Array.from({ length: k }, (_, j) => value(i, j)));
}
