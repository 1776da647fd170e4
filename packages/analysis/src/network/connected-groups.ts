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
  const parents = new Map<string | null, string | null>();
  const rootOf = (ligand: string | null): string | null => {
    let at = ligand;
    for (let parent = parents.get(at); parent !== undefined; parent = parents.get(at)) {
      // Halving the way keeps ways short.
      const next = parents.get(parent);
      if (next !== undefined) parents.set(at, next);
      at = parent;
    }
    return at;
  };
  for (const { from, to } of measurements) {
    const [a, b] = [rootOf(from), rootOf(to)];
    if (a !== b) parents.set(a, b);
  }
  const groups = new Map<string | null, { ligands: string[]; measurements: NetworkMeasurement[] }>();
  for (const ligand of ligands) {
    const root = rootOf(ligand);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, { ligands: [ligand], measurements: [] });
    else group.ligands.push(ligand);
  }
  for (const measurement of measurements) groups.get(rootOf(measurement.to))?.measurements.push(measurement);
  return [...groups.values()];
}
