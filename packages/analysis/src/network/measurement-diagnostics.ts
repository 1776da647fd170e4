import type { NetworkMeasurement } from "./network-measurement.ts";
import type { NetworkComponent, NetworkSolution } from "./solve-network.ts";

/** How one measurement stands in its network. kcal/mol. */
export interface MeasurementDiagnostics {
  /** d − (f(to) − f(from)). */
  readonly residual: number;
  /** h = vᵀC v/σ²: the share that this measurement has in what is known of its pair; 1 for a bridge, which nothing checks. */
  readonly leverage: number;
  /** residual / (σ √(1 − h)): how many standard deviations it is off what all say; null for a bridge. */
  readonly standardized: number | null;
  /** d less what all others together say of the pair, residual / (1 − h); null for a bridge. */
  readonly deleted: number | null;
  /** The ligand whose value would change most without this measurement, and by how much; null for a bridge. */
  readonly influence: { readonly ligand: string; readonly change: number } | null;
}

/** A measurement with at most this much of its pair's precision from others is a bridge: its own rounding errors are as large. */
const bridge = 1e-9;

/**
 * Residuals, leverages and influences of all measurements: which do not fit, and whose removal would change most. Nothing is solved
 * again: without a measurement f changes by −C v residual/(σ²(1 − h)). (Cook and Weisberg, Residuals and Influence in Regression, 1982; spec/analysis.md §5)
 *
 * O(n) for each measurement.
 * @param measurements those of the solution, in any order; self-measurements give null
 */
export function measurementDiagnostics(
  { components }: NetworkSolution,
  measurements: readonly NetworkMeasurement[],
): readonly (MeasurementDiagnostics | null)[] {
  const homes = new Map<string, { readonly component: NetworkComponent; readonly place: number }>();
  for (const component of components)
    for (const [place, ligand] of component.ligands.entries()) homes.set(ligand, { component, place });
  return measurements.map((measurement) => {
    const to = homes.get(measurement.to);
    const from = measurement.from === null ? null : homes.get(measurement.from);
    if (to === undefined || from === undefined || measurement.from === measurement.to) return null;
    return diagnosticsIn(to.component, measurement, to.place, from?.place);
  });
}

function diagnosticsIn(
  { ligands, values, covariance }: NetworkComponent,
  { value, sigma }: NetworkMeasurement,
  to: number,
  from: number | undefined,
): MeasurementDiagnostics {
  const count = ligands.length;
  const at = (i: number, j: number): number => covariance[i * count + j] as number;
  const column = Float64Array.from({ length: count }, (_, i) => at(to, i) - (from === undefined ? 0 : at(from, i)));
  const along = (vector: Float64Array): number => (vector[to] as number) - (from === undefined ? 0 : (vector[from] as number));
  const residual = value - along(values);
  const leverage = Math.min(1, along(column) / (sigma * sigma));
  const left = 1 - leverage;
  if (left < bridge) return { residual, leverage, standardized: null, deleted: null, influence: null };
  const step = -residual / (sigma * sigma * left);
  let most = 0;
  for (let i = 1; i < count; i += 1) if (Math.abs(column[i] as number) > Math.abs(column[most] as number)) most = i;
  return {
    residual,
    leverage,
    standardized: residual / (sigma * Math.sqrt(left)),
    deleted: residual / left,
    influence: { ligand: ligands[most] as string, change: (column[most] as number) * step },
  };
}
