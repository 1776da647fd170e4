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
  /** C, row after row. */
  readonly #covariance: Float64Array;
  /** C M C, where the criterion is the trace of C M: with it, each gain takes a handful of operations. */
  readonly #weighted: Float64Array;
  /** The criterion, (kcal/mol)². */
  #total: number;
  readonly #terms: number;

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
    const count = nodes.length;
    this.#count = count;
    this.#places = new Map(nodes.map((node, place) => [node, place]));
    const assumed = nodes.map((node) => ({ from: null, to: node, value: 0, sigma: ligandSpread }));
    const measured = plan.flatMap(({ from, to }, i) => {
      const precision = precisions[i] ?? 0;
      return precision > 0 ? [{ from, to, value: 0, sigma: 1 / Math.sqrt(precision) }] : [];
    });
    const [component] = solveNetwork([...assumed, ...measured], { ligands: nodes }).components;
    this.#covariance = component?.covariance ?? new Float64Array(0);
    const rows = criterion === "pairs" ? plan.map((pair) => this.#change(pair)) : this.#ligandRows(plan);
    this.#weighted = new Float64Array(count * count);
    for (const row of rows) addProduct(this.#weighted, row, row, 1);
    this.#terms = criterion === "pairs" ? plan.length : count;
    this.#total =
      criterion === "pairs"
        ? plan.reduce((sum, pair, i) => sum + this.#along(pair, rows[i] as Float64Array), 0)
        : rows.reduce((sum, row, i) => sum + (row[i] as number), 0);
  }

  /** Root of the mean variance, per ligand or per planned pair, kcal/mol. */
  get error(): number {
    return Math.sqrt(Math.max(0, this.#total) / this.#terms);
  }

  /**
   * By how much the criterion falls when the precision 1/σ² of a difference grows by δ: `δ vᵀ C M C v / (1 + δ vᵀ C v)`.
   * (spec/strategies.md §11.3)
   */
  gain(pair: Difference, added: number): number {
    return (added * this.#between(this.#weighted, pair)) / (1 + added * this.#between(this.#covariance, pair));
  }

  /** Adds to the precision of a difference: C ← C − k u uᵀ with u = C v, k = δ / (1 + δ vᵀ u), and C M C accordingly. */
  add(pair: Difference, added: number): void {
    const change = this.#change(pair);
    const weighted = this.#rowsOf(this.#weighted, pair);
    const factor = added / (1 + added * this.#along(pair, change));
    const size = this.#along(pair, weighted);
    this.#total -= factor * size;
    addProduct(this.#covariance, change, change, -factor);
    addProduct(this.#weighted, change, weighted, -factor);
    addProduct(this.#weighted, weighted, change, -factor);
    addProduct(this.#weighted, change, change, factor * factor * size);
  }

  /** Rows of C, or of P C with P = 1 − 11ᵀ/n where only differences are measured: then values count relative to their mean. */
  #ligandRows(plan: readonly PlannedMeasurement[]): Float64Array[] {
    const count = this.#count;
    const rows = Array.from({ length: count }, (_, i) => this.#covariance.slice(i * count, (i + 1) * count));
    if (plan.some(({ from }) => from === null)) return rows;
    const means = new Float64Array(count);
    for (const row of rows) for (const [j, value] of row.entries()) means[j] = (means[j] as number) + value / count;
    return rows.map((row) => row.map((value, j) => value - (means[j] as number)));
  }

  /** C v. */
  #change(pair: Difference): Float64Array {
    return this.#rowsOf(this.#covariance, pair);
  }

  #rowsOf(matrix: Float64Array, { from, to }: Difference): Float64Array {
    const row = (node: string): Float64Array => {
      const start = (this.#places.get(node) as number) * this.#count;
      return matrix.subarray(start, start + this.#count);
    };
    if (from === null) return row(to).slice();
    const other = row(from);
    return row(to).map((value, i) => value - (other[i] as number));
  }

  /** vᵀ x. */
  #along({ from, to }: Difference, vector: Float64Array): number {
    const at = (node: string): number => vector[this.#places.get(node) as number] as number;
    return at(to) - (from === null ? 0 : at(from));
  }

  /** vᵀ A v. */
  #between(matrix: Float64Array, { from, to }: Difference): number {
    const b = this.#places.get(to) as number;
    const own = matrix[b * this.#count + b] as number;
    if (from === null) return own;
    const a = this.#places.get(from) as number;
    return own + (matrix[a * this.#count + a] as number) - 2 * (matrix[a * this.#count + b] as number);
  }
}

type Difference = Pick<PlannedMeasurement, "from" | "to">;

/** A ← A + k x yᵀ. */
function addProduct(matrix: Float64Array, x: Float64Array, y: Float64Array, factor: number): void {
  const count = x.length;
  for (let i = 0; i < count; i += 1) {
    const own = factor * (x[i] as number);
    const start = i * count;
    for (let j = 0; j < count; j += 1) matrix[start + j] = (matrix[start + j] as number) + own * (y[j] as number);
  }
}
