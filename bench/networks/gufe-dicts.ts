/** Keyed dicts of gufe objects that the made-up networks have in common. */
import { type Dict, quantity, type Reference, settings, type } from "./chain-writer.ts";

export function chemicalSystem(name: string, components: Readonly<Record<string, Reference>>): Dict {
  return { components, name, ...type("ChemicalSystem", "gufe.chemicalsystem") };
}

export function transformation(
  stateA: Reference,
  stateB: Reference,
  protocol: Reference,
  mapping: Reference,
  name: string,
): Dict {
  const members = { stateA, stateB, protocol, mapping, name, metadata: {} };
  return { ...members, ...type("Transformation", "gufe.transformations.transformation") };
}

export function saltWater(concentration: string): Dict {
  return {
    smiles: "O",
    positive_ion: "Na+",
    negative_ion: "Cl-",
    ion_concentration: concentration,
    neutralize: true,
    ...type("SolventComponent", "gufe.components.solventcomponent"),
  };
}

/** What Protocols of openfe begin their settings with. */
export const forceFieldSettings = settings("OpenMMSystemGeneratorFFSettings", "gufe.settings.models", {
  constraints: "hbonds",
  rigid_water: true,
  hydrogen_mass: 3.5,
  forcefields: ["amber/ff14SB.xml", "amber/tip3p_standard.xml", "amber/tip3p_HFE_multivalent.xml", "amber/phosaa10.xml"],
  small_molecule_forcefield: "openff-2.2.1",
  nonbonded_method: "PME",
  nonbonded_cutoff: quantity(0.9, "nanometer"),
});
