/** What strategies see of the results of one Transformation. Energies in kcal/mol. */
export interface TransformationResults {
  /** Successful ProtocolDAGResults, not repeats inside them. */
  readonly n: number;
  /** Free energy difference of state A to B from all of them; null where unknown. */
  readonly estimate: number | null;
  /** Standard deviation of the estimate of one result, so that that of the mean is spread / √n; null where unknown (a single repeat, or 0). */
  readonly spread: number | null;
  /** Degrees of freedom that `spread` was measured with: 0 where it is unknown. */
  readonly dof: number;
  /** Spent on them; null where unknown. */
  readonly gpuHours: number | null;
}

/** By key of the Transformation. One without an entry has no result; an entry with n = 0 counts as a result, as in the Python library. */
export type NetworkResults = ReadonlyMap<string, TransformationResults>;

export const noResults: TransformationResults = {
  n: 0,
  estimate: null,
  spread: null,
  dof: 0,
  gpuHours: null,
};
