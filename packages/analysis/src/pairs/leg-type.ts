import type { ChemicalSystemView } from "@alchemiscale/gufe";

/** Where the ligands of a Transformation are. */
export type LegType = "complex" | "solvent" | "vacuum";

/** Classes of components that make a complex: by name, as the classes have moved between modules. */
const proteins: ReadonlySet<string> = new Set(["ProteinComponent", "SolvatedPDBComponent", "ProteinMembraneComponent"]);

/** The leg that a Transformation between systems of this kind is: with protein, else with solvent, else in vacuum. (spec/analysis.md §4) */
export function legTypeOf(system: ChemicalSystemView): LegType {
  const classes = [...system.components.values()].map(({ qualname }) => qualname);
  if (classes.some((name) => proteins.has(name))) return "complex";
  return classes.includes("SolventComponent") ? "solvent" : "vacuum";
}
