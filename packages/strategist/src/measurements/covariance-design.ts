import { solveNetwork } from "@alchemiscale/analysis";
import type { PlannedMeasurement } from "./measurement-plan.ts";

/** What is to become small. */
export type DesignCriterion =
  /** Σ of the variances of the ligands' ΔG relative to their mean; so also of the ΔΔG of all pairs, which is this times the number of ligands. */
  | "ligands"
  /** Σ of the variances of the ΔΔG of the planned pairs alone. */
  | "pairs";

/**
 * The covariance C of the free energies of connected ligands, as measurements make it, and what further ones would change. C is the inverse of
 * the Fisher matrix F = Σ v vᵀ / σ² over the measurements, v = e_to − e_from, plus 1/τ² on the diagonal for what is known of ligands before
 * any measurement, so that it exists from the beginning.
 * (spec/analysis.md §5; optimal designs of such networks: Xu, J. Chem. Inf. Model. 59, 4720 (2019); Pitman, Hahn, Tresadern, Mobley, J. Chem. Inf. Model. 63, 1776 (2023))
 */
export class CovarianceDesign {
  readonly #count: number;
  readonly #places: ReadonlyMap<string, number>;
  readonly #covariance: Float64Array;
  readonly #isAbsolute: boolean;
  readonly #pairs: readonly (readonly [number, number])[];
  readonly #criterion: DesignCriterion;

  /**
   * @param precisions 1/σ² of each planned measurement, 0 for those without results
   * @param ligandSpread τ, kcal/mol
   */
  constructor(
    nodes: readonly string[],
    plan: readonly PlannedMeasurement[],
    precisions: readonly number[],
    ligandSpread: number,
    criterion: DesignCriterion,
  ) {
    this.#count = nodes.length;
    this.#places = new Map(nodes.map((node, place) => [node, place]));
    this.#criterion = criterion;
    this.#isAbsolute = plan.some(({ from }) => from === null);
    this.#pairs = plan.map(({ from, to }) => [this.#place(from), this.#place(to)]);
    const assumed = nodes.map((node) => ({ from: null, to: node, value: 0, sigma: ligandSpread }));
    const measured = plan.flatMap(({ from, to }, i) => {
      const precision = precisions[i] ?? 0;
      return precision > 0 ? [{ from, to, value: 0, sigma: 1 / Math.sqrt(precision) }] : [];
    });
    const [component] = solveNetwork([...assumed, ...measured], { ligands: nodes }).components;
    this.#covariance = component?.covariance ?? new Float64Array(0);
  }

  /** Root of the mean variance, per ligand or per planned pair, kcal/mol. */
  get error(): number {
    const over = this.#criterion === "pairs" ? this.#pairs.length : this.#count;
    return Math.sqrt(Math.max(0, this.#total()) / over);
  }

  /**
   * By how much the criterion falls when the precision 1/σ² of a difference grows by δ: with u = C v, `δ |u|² / (1 + δ vᵀu)`, |u|² taken
   * as the criterion does. (spec/strategies.md §11.3)
   */
  gain({ from, to }: PlannedMeasurement, added: number): number {
    const [a, b] = [this.#place(from), this.#place(to)];
    const change = this.#change(a, b);
    return (added * this.#size(change)) / (1 + added * (at(change, b) - at(change, a)));
  }

  /** Adds to the precision of a difference: C ← C − δ u uᵀ / (1 + δ vᵀu). */
  add({ from, to }: PlannedMeasurement, added: number): void {
    const [a, b] = [this.#place(from), this.#place(to)];
    const change = this.#change(a, b);
    const factor = added / (1 + added * (at(change, b) - at(change, a)));
    for (let i = 0; i < this.#count; i += 1) {
      const row = factor * (change[i] as number);
      const start = i * this.#count;
      for (let j = 0; j < this.#count; j += 1) {
        this.#covariance[start + j] = (this.#covariance[start + j] as number) - row * (change[j] as number);
      }
    }
  }

  /** −1 is the true zero. */
  #place(node: string | null): number {
    return node === null ? -1 : (this.#places.get(node) ?? -1);
  }

  /** C v. */
  #change(a: number, b: number): Float64Array {
    const rowB = this.#covariance.subarray(b * this.#count, (b + 1) * this.#count);
    if (a < 0) return rowB.slice();
    const rowA = this.#covariance.subarray(a * this.#count, (a + 1) * this.#count);
    return rowB.map((value, i) => value - (rowA[i] as number));
  }

  /** uᵀ M u, where the criterion is the trace of C M. */
  #size(change: Float64Array): number {
    if (this.#criterion === "pairs") return this.#pairs.reduce((sum, [a, b]) => sum + (at(change, b) - at(change, a)) ** 2, 0);
    let squares = 0;
    let sum = 0;
    for (const value of change) {
      squares += value * value;
      sum += value;
    }
    return this.#isAbsolute ? squares : squares - (sum * sum) / this.#count;
  }

  #total(): number {
    const entry = (i: number, j: number): number => (i < 0 || j < 0 ? 0 : (this.#covariance[i * this.#count + j] as number));
    if (this.#criterion === "pairs") {
      return this.#pairs.reduce((sum, [a, b]) => sum + entry(a, a) + entry(b, b) - 2 * entry(a, b), 0);
    }
    let trace = 0;
    for (let i = 0; i < this.#count; i += 1) trace += entry(i, i);
    if (this.#isAbsolute) return trace;
    return trace - this.#covariance.reduce((sum, value) => sum + value, 0) / this.#count;
  }
}

function at(vector: Float64Array, place: number): number {
  return place < 0 ? 0 : (vector[place] as number);
}
