import type { TransformationRole } from "./transformation-role.ts";

/**
 * Which keys are one ligand: by default each is one of its own. Keys with one name are the same ligand where no environment has two of them;
 * so a ligand whose conformer or charges differ between its complex and its solvent leg is found again, and two ligands that are both called
 * `ligand` stay two. (spec/analysis.md §4)
 * @returns the key that stands for all of them, by key
 */
export function ligandIdentities(roles: readonly TransformationRole[]): ReadonlyMap<string, string> {
  const byName = new Map<string, Map<string, Set<string>>>();
  for (const role of roles) {
    if (role.kind === "none") continue;
    const environment = role.kind === "leg" ? role.leg : role.kind;
    for (const { key, name } of role.kind === "absolute" ? [role.ligand] : [role.ligandA, role.ligandB]) {
      const environments = byName.get(name) ?? new Map<string, Set<string>>();
      byName.set(name, environments);
      environments.set(environment, (environments.get(environment) ?? new Set<string>()).add(key));
    }
  }
  const identities = new Map<string, string>();
  for (const [name, environments] of byName) {
    const keys = [...new Set([...environments.values()].flatMap((each) => [...each]))];
    const ambiguous = name === "" || [...environments.values()].some((each) => each.size > 1);
    for (const key of keys) identities.set(key, ambiguous ? key : (keys[0] as string));
  }
  return identities;
}
