import { connectedComponents } from "./connected-components.ts";
import type { NetworkMeasurement } from "./network-measurement.ts";

export interface ConnectedGroup {
  readonly ligands: readonly string[];
  readonly measurements: readonly NetworkMeasurement[];
}

/**
 * Ligands by what connects them. Absolute values connect all ligands that have one: they share the true zero. Groups are in the order of
 * their first ligands, and ligands and measurements in the order given.
 */
export function connectedGroups(
  ligands: readonly string[],
  measurements: readonly NetworkMeasurement[],
): readonly ConnectedGroup[] {
  const links = measurements.map(({ from, to }) => [from, to] as const);
  const groups = connectedComponents([...ligands, null], links).flatMap((items) => {
    const own = items.filter((item) => item !== null);
    return own.length === 0 ? [] : [{ ligands: own, measurements: [] as NetworkMeasurement[] }];
  });
  const groupOf = new Map(groups.flatMap((group) => group.ligands.map((ligand) => [ligand, group] as const)));
  for (const measurement of measurements) groupOf.get(measurement.to)?.measurements.push(measurement);
  return groups;
}
