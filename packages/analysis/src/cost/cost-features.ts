import {
  type ChemicalSystemView,
  isJsonObject,
  JsonNumber,
  magnitudeOf,
  ProteinComponentView,
  type SettingsView,
  SmallMoleculeComponentView,
  type TransformationBaseView,
} from "@alchemiscale/gufe";
import { legTypeOf } from "../pairs/leg-type.ts";

/** What the cost of one Task of a Transformation depends on, as far as it can be told before it runs. */
export interface CostFeatures {
  /** Class of the protocol, and the environment: what the box of water and the forces make of the rest. */
  readonly kind: string;
  /** Atoms of ligands, cofactors and proteins of the larger state; null where nothing is known of them. Water is added by the protocol. */
  readonly atoms: number | null;
  /** Nanoseconds that one Task simulates, all repeats, windows and legs together; null where the settings do not tell. */
  readonly nanoseconds: number | null;
}

type MoleculeView = SmallMoleculeComponentView | ProteinComponentView;

/** The features of a Transformation, from its systems and the settings of its protocol. */
export function costFeatures(transformation: TransformationBaseView): CostFeatures {
  const { stateA, stateB, protocol } = transformation;
  const atoms = Math.max(atomsOf(stateA), atomsOf(stateB));
  return {
    kind: `${protocol.qualname}/${legTypeOf(stateA)}`,
    atoms: atoms > 0 ? atoms : null,
    nanoseconds: simulatedTime(protocol.settings),
  };
}

function atomsOf(system: ChemicalSystemView): number {
  let sum = 0;
  for (const component of system.components.values()) {
    if (component instanceof SmallMoleculeComponentView || component instanceof ProteinComponentView) sum += atomCount(component);
  }
  return sum;
}

/** The systems of a network share their protein, whose thousands of atoms are read once. */
const atomCounts = new WeakMap<MoleculeView, number>();

function atomCount(molecule: MoleculeView): number {
  const count = atomCounts.get(molecule) ?? molecule.atoms.length;
  atomCounts.set(molecule, count);
  return count;
}

/**
 * Of openfe's protocols: each model of simulation settings has `production_length`, `equilibration_length` and perhaps `n_replicas`, all of
 * them run `protocol_repeats` times. Of non-equilibrium cycling: `num_cycles` cycles of the steps of its integrator, both ways.
 */
function simulatedTime(settings: SettingsView): number | null {
  const repeats = count(settings, "protocol_repeats") ?? 1;
  let sampled = 0;
  for (const nested of nestedSettings(settings)) {
    const production = nanoseconds(nested, "production_length");
    if (production === null) continue;
    const equilibration =
      (nanoseconds(nested, "equilibration_length") ?? 0) + (nanoseconds(nested, "equilibration_length_nvt") ?? 0);
    sampled += (production + equilibration) * (count(nested, "n_replicas") ?? 1);
  }
  if (sampled > 0) return sampled * repeats;
  const integrator = nestedSettings(settings).find((nested) => count(nested, "nonequilibrium_steps") !== null);
  const step = integrator === undefined ? null : nanoseconds(integrator, "timestep");
  if (integrator === undefined || step === null) return null;
  const steps = (count(integrator, "equilibrium_steps") ?? 0) + (count(integrator, "nonequilibrium_steps") ?? 0);
  return steps > 0 ? 2 * steps * step * (count(settings, "num_cycles") ?? 1) : null;
}

function nestedSettings(settings: SettingsView): SettingsView[] {
  return [...settings.fields.keys()].flatMap((name) => {
    // A quantity is an object, too, but no model.
    const field = settings.field(name);
    if (!isJsonObject(field) || field.get("__class__") === undefined || field.has("magnitude")) return [];
    const decoded = settings.decoded(name);
    const nested = decoded?.kind === "settings" ? settings.settings(name) : null;
    return nested === null ? [] : [nested];
  });
}

function count(settings: SettingsView, name: string): number | null {
  const field = settings.field(name);
  return field instanceof JsonNumber ? field.toNumber() : null;
}

const unitsOfTime: ReadonlyMap<string, number> = new Map([
  ["nanosecond", 1],
  ["picosecond", 1e-3],
  ["femtosecond", 1e-6],
  ["microsecond", 1e3],
]);

function nanoseconds(settings: SettingsView, name: string): number | null {
  const field = settings.field(name);
  if (field === undefined || field === null) return null;
  const quantity = settings.quantity(name);
  const factor = quantity === null ? undefined : unitsOfTime.get(quantity.unit);
  const value = quantity === null ? null : magnitudeOf(quantity);
  return factor === undefined || typeof value !== "number" ? null : value * factor;
}
