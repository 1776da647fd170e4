import { type Conductor, ConductorElimination } from "./conductor-elimination.ts";
import { connectedGroups } from "./connected-groups.ts";
import { checkMeasurement, isSelfMeasurement, type NetworkMeasurement } from "./network-measurement.ts";

/** Ligands that measurements connect, with their values in one common gauge. Nothing is known between two components. */
export interface NetworkComponent {
  /** In the order of the network's ligands; values and the rows of the covariance are in the same. */
  readonly ligands: readonly string[];
  /**
   * `mean`: only differences were measured, and values are relative to their own mean (Σ f = 0). `absolute`: absolute values were
   * measured for at least one ligand.
   */
  readonly reference: "mean" | "absolute";
  /** kcal/mol. A single ligand without a measurement is 0. */
  readonly values: Float64Array;
  /** (kcal/mol)², n × n, row after row, in the gauge of the values. NaN for a single ligand without a measurement. */
  readonly covariance: Float64Array;
  /** Σ (residual / σ)². */
  readonly chi2: number;
  /** Measurements less what they determine; χ² is about this large where the σ are honest. */
  readonly degreesOfFreedom: number;
}

export interface NetworkSolution {
  readonly components: readonly NetworkComponent[];
}

export interface SolveNetworkOptions {
  /** All ligands, in the order wanted; those without a measurement are components of their own. Default: as they appear. */
  readonly ligands?: readonly string[];
}

/**
 * The free energies of ligands that are most likely given measured differences and absolute values, and their covariance.
 *
 * Measurements are taken as independent and normal; then f minimises Σ (d − f(to) + f(from))² / σ², F f = z with the weighted Laplacian F of the
 * network, and the covariance is the inverse of F: in each connected component in the gauge Σ f = 0 (then it is the pseudo-inverse of F), or,
 * where absolute values were measured, relative to the true zero, which then is one more node. Parallel and antiparallel measurements add
 * up; those of a ligand against itself are left out. No floor is put under σ.
 *
 * Xu, J. Chem. Inf. Model. 59, 4720 (2019); spec/analysis.md §5. Time O(n³) at worst, a fraction of a second for 1,000 ligands.
 * @throws {InvalidInput} for values that are not finite and σ that are not above 0
 */
export function solveNetwork(
  measurements: readonly NetworkMeasurement[],
  { ligands = ligandsOf(measurements) }: SolveNetworkOptions = {},
): NetworkSolution {
  for (const [i, measurement] of measurements.entries()) checkMeasurement(measurement, `measurements[${i}]`);
  const used = measurements.filter((measurement) => !isSelfMeasurement(measurement));
  const listed = [...new Set([...ligands, ...ligandsOf(measurements)])];
  return { components: connectedGroups(listed, used).map((group) => solveComponent(group.ligands, group.measurements)) };
}

/** Ligands in the order in which measurements name them. */
export function ligandsOf(measurements: readonly NetworkMeasurement[]): string[] {
  return [...new Set(measurements.flatMap(({ from, to }) => (from === null ? [to] : [from, to])))];
}

/**
 * One connected component alone; see `solveNetwork`.
 * @param measurements all between these ligands, checked, none of a ligand with itself
 */
export function solveComponent(ligands: readonly string[], measurements: readonly NetworkMeasurement[]): NetworkComponent {
  const places = new Map(ligands.map((ligand, place) => [ligand, place]));
  const count = ligands.length;
  const isAbsolute = measurements.some(({ from }) => from === null);
  if (measurements.length === 0) {
    return {
      ligands,
      reference: "mean",
      values: new Float64Array(count),
      covariance: new Float64Array(count * count).fill(NaN),
      chi2: 0,
      degreesOfFreedom: 0,
    };
  }
  // The true zero is a node like the ligands, and the root; without absolute values any ligand will do.
  const nodes = isAbsolute ? count + 1 : count;
  const placeOf = (ligand: string | null): number => (ligand === null ? count : (places.get(ligand) as number));
  const conductors: Conductor[] = [];
  const z = new Float64Array(nodes);
  for (const { from, to, value, sigma } of measurements) {
    const weight = 1 / (sigma * sigma);
    const a = placeOf(from);
    const b = placeOf(to);
    conductors.push({ a, b, weight });
    z[a] = (z[a] as number) - value * weight;
    z[b] = (z[b] as number) + value * weight;
  }
  const elimination = new ConductorElimination(nodes, conductors, nodes - 1);
  const solved = elimination.solve(z);
  const inverse = elimination.inverse();
  const component = isAbsolute
    ? { values: solved.slice(0, count), covariance: withoutLast(inverse, nodes) }
    : { values: centredValues(solved), covariance: centredCovariance(inverse, count) };
  return {
    ligands,
    reference: isAbsolute ? "absolute" : "mean",
    ...component,
    chi2: chiSquared(component.values, measurements, places),
    degreesOfFreedom: measurements.length - count + (isAbsolute ? 0 : 1),
  };
}

/** Σ ((d − f(to) + f(from)) / σ)². */
export function chiSquared(
  values: Float64Array,
  measurements: Iterable<NetworkMeasurement>,
  places: ReadonlyMap<string, number>,
): number {
  const at = (ligand: string | null): number => (ligand === null ? 0 : (values[places.get(ligand) as number] as number));
  let sum = 0;
  for (const { from, to, value, sigma } of measurements) sum += ((value - at(to) + at(from)) / sigma) ** 2;
  return sum;
}

/** f − mean(f). */
export function centredValues(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** P C P with P = 1 − 11ᵀ/n: the covariance of values less their mean. */
export function centredCovariance(covariance: Float64Array, count: number): Float64Array {
  const means = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    let sum = 0;
    for (let j = 0; j < count; j += 1) sum += covariance[i * count + j] as number;
    means[i] = sum / count;
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / count;
  const centred = new Float64Array(count * count);
  for (let i = 0; i < count; i += 1) {
    const shift = (means[i] as number) - mean;
    const from = covariance.subarray(i * count, (i + 1) * count);
    const to = centred.subarray(i * count, (i + 1) * count);
    for (let j = 0; j < count; j += 1) to[j] = (from[j] as number) - shift - (means[j] as number);
  }
  return centred;
}

function withoutLast(matrix: Float64Array, count: number): Float64Array {
  const inner = count - 1;
  const result = new Float64Array(inner * inner);
  for (let i = 0; i < inner; i += 1) result.set(matrix.subarray(i * count, i * count + inner), i * inner);
  return result;
}
