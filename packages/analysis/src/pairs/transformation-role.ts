import {
  type ChemicalSystemView,
  LigandAtomMappingView,
  SmallMoleculeComponentView,
  type TransformationBaseView,
  TransformationView,
} from "@alchemiscale/gufe";
import { type LegType, legTypeOf } from "./leg-type.ts";

/** A small molecule, or a whole system where a network has none. */
export interface Ligand {
  readonly key: string;
  /** As given, `""` where it has none; several ligands may have one name. */
  readonly name: string;
}

/** What the estimate of a Transformation is a part of. */
export type TransformationRole =
  /** ΔG of A → B in one environment; two of them make a ΔΔG. */
  | { readonly kind: "leg"; readonly leg: LegType; readonly ligandA: Ligand; readonly ligandB: Ligand }
  /** ΔΔG of binding A → B at once. */
  | { readonly kind: "binding-difference"; readonly ligandA: Ligand; readonly ligandB: Ligand }
  /** ΔG of one ligand. */
  | { readonly kind: "absolute"; readonly observable: "binding" | "hydration"; readonly ligand: Ligand }
  /** ΔG between two systems that hold no ligand. */
  | { readonly kind: "system-difference"; readonly ligandA: Ligand; readonly ligandB: Ligand }
  /** None, and why. */
  | { readonly kind: "none"; readonly reason: string };

const absolute: ReadonlyMap<string, "binding" | "hydration"> = new Map([
  ["AbsoluteBindingProtocol", "binding"],
  ["AbsoluteSolvationProtocol", "hydration"],
]);

/** The role of a Transformation, by its protocol, its systems and its mapping. (spec/analysis.md §4) */
export function transformationRole(transformation: TransformationBaseView): TransformationRole {
  if (!(transformation instanceof TransformationView)) return none("it simulates one system as it is");
  const protocol = transformation.protocol.qualname;
  if (protocol === "PlainMDProtocol") return none("PlainMDProtocol gives no free energy");
  const { stateA, stateB } = transformation;
  const observable = absolute.get(protocol);
  if (observable !== undefined) {
    const [ligand, ...others] = ligandsOnlyIn(stateA, stateB);
    if (ligand === undefined || others.length > 0)
      return none(`state A must have one small molecule that state B has not, and has ${others.length + (ligand ? 1 : 0)}`);
    return { kind: "absolute", observable, ligand };
  }
  if (smallMolecules(stateA).length === 0 && smallMolecules(stateB).length === 0)
    return { kind: "system-difference", ligandA: systemAsLigand(stateA), ligandB: systemAsLigand(stateB) };
  const ligands = mappedLigands(transformation) ?? changedLigands(stateA, stateB);
  if (ligands === undefined) return none("without a mapping each state must have one small molecule that the other has not");
  const [ligandA, ligandB] = ligands;
  if (protocol === "SepTopProtocol") return { kind: "binding-difference", ligandA, ligandB };
  return { kind: "leg", leg: legTypeOf(stateA), ligandA, ligandB };
}

function none(reason: string): TransformationRole {
  return { kind: "none", reason };
}

function mappedLigands(transformation: TransformationView): readonly [Ligand, Ligand] | undefined {
  const [mapping, ...others] = transformation.mappings;
  if (!(mapping instanceof LigandAtomMappingView) || others.length > 0) return undefined;
  return [ligandOf(mapping.componentA), ligandOf(mapping.componentB)];
}

function changedLigands(stateA: ChemicalSystemView, stateB: ChemicalSystemView): readonly [Ligand, Ligand] | undefined {
  const [a, ...othersA] = ligandsOnlyIn(stateA, stateB);
  const [b, ...othersB] = ligandsOnlyIn(stateB, stateA);
  if (othersA.length > 0 || othersB.length > 0) return undefined;
  if (a !== undefined && b !== undefined) return [a, b];
  // Nothing changes: a ligand against itself.
  const [only, ...more] = smallMolecules(stateA);
  return a === undefined && b === undefined && only !== undefined && more.length === 0
    ? [ligandOf(only), ligandOf(only)]
    : undefined;
}

function ligandsOnlyIn(system: ChemicalSystemView, other: ChemicalSystemView): Ligand[] {
  const elsewhere = new Set(smallMolecules(other).map(({ key }) => key));
  return smallMolecules(system)
    .filter(({ key }) => !elsewhere.has(key))
    .map(ligandOf);
}

function smallMolecules(system: ChemicalSystemView): SmallMoleculeComponentView[] {
  return [...system.components.values()].filter((component) => component instanceof SmallMoleculeComponentView);
}

function ligandOf({ key, name }: SmallMoleculeComponentView): Ligand {
  return { key, name };
}

function systemAsLigand({ key, name }: ChemicalSystemView): Ligand {
  return { key, name: name ?? "" };
}
