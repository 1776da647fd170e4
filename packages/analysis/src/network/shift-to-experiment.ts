import type { NetworkComponent } from "./solve-network.ts";

/** Values of a component moved to where experiment is. kcal/mol. */
export interface ShiftedToExperiment {
  /** mean(experiment) − mean(values) over the ligands that have both. */
  readonly shift: number;
  /** How many ligands have both. */
  readonly n: number;
  /** All values of the component with the shift added, in its order. */
  readonly values: Float64Array;
}

/**
 * Relative values on the scale of experiment, of which nothing else is used: differences between ligands stay as they were computed. null where no
 * ligand has both. (spec/analysis.md §5)
 * @param experiment ΔG by ligand
 */
export function shiftToExperiment(
  { ligands, values }: Pick<NetworkComponent, "ligands" | "values">,
  experiment: ReadonlyMap<string, number>,
): ShiftedToExperiment | null {
  const offsets = ligands.flatMap((ligand, place) => {
    const measured = experiment.get(ligand);
    return measured === undefined ? [] : [measured - (values[place] as number)];
  });
  if (offsets.length === 0) return null;
  const shift = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length;
  return { shift, n: offsets.length, values: values.map((value) => value + shift) };
}
