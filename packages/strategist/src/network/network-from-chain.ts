import {
  AlchemicalNetworkView,
  ChainError,
  ChainViews,
  compareCodePoints,
  GufeError,
  JsonNumber,
  type KeyedChain,
  LigandAtomMappingView,
  ProteinComponentView,
  SmallMoleculeComponentView,
  SolventComponentView,
  type TransformationBaseView,
  TransformationView,
} from "@alchemiscale/gufe";
import type { LigandChange, StrategyEdge, StrategyNetwork } from "./strategy-network.ts";

/**
 * What strategies see of the AlchemicalNetwork at the root of a chain, without an outlook (see `withOutlook`).
 * @throws {ChainError} where the root is no network; {@link GufeError} for a damaged one
 */
export function networkFromChain(chain: KeyedChain): StrategyNetwork {
  const views = new ChainViews(chain);
  const network = views.get(chain.root.key);
  if (!(network instanceof AlchemicalNetworkView)) {
    throw new ChainError("not-a-network", chain.root.key, `The chain holds a ${chain.root.qualname}, not an AlchemicalNetwork`);
  }
  const edges = network.edges.map(
    (edge): StrategyEdge => ({
      key: edge.key,
      stateA: edge.stateA.key,
      stateB: edge.stateB.key,
      ligands: ligandChange(edge),
      score: mappingScore(edge),
      gpuHours: null,
      blocked: false,
    }),
  );
  return {
    systems: network.nodes.map(({ key }) => key).sort(compareCodePoints),
    edges: edges.sort((a, b) => compareCodePoints(a.key, b.key)),
  };
}

/** Protocols whose estimate holds all legs. */
const wholeProtocols: ReadonlySet<string> = new Set(["SepTopProtocol", "AbsoluteBindingProtocol", "AbsoluteSolvationProtocol"]);

/** The ligands are those of the mapping, or else the small molecules that only one of the states has. (spec/analysis.md §4) */
function ligandChange(edge: TransformationBaseView): LigandChange | null {
  if (!(edge instanceof TransformationView)) return null;
  const ends = mappedLigands(edge) ?? changedLigands(edge);
  if (ends === null) return null;
  const leg = wholeProtocols.has(edge.protocol.qualname) ? "whole" : environment(edge);
  return { ...ends, leg };
}

function mappedLigands(edge: TransformationView): { from: string; to: string } | null {
  const [mapping, ...others] = mappings(edge);
  if (mapping === undefined || others.length > 0) return null;
  return { from: mapping.componentA.key, to: mapping.componentB.key };
}

function changedLigands(edge: TransformationView): { from: string | null; to: string } | null {
  const [a, b] = [smallMolecules(edge.stateA), smallMolecules(edge.stateB)];
  const before = [...a].filter((key) => !b.has(key));
  const after = [...b].filter((key) => !a.has(key));
  if (before.length > 1 || after.length > 1) return null;
  const [from = null, to = null] = [before[0], after[0]];
  // One that appears or vanishes has an absolute value; which of both does not matter to its error.
  if (to !== null) return { from, to };
  return from === null ? null : { from: null, to: from };
}

function smallMolecules(system: TransformationView["stateA"]): Set<string> {
  const keys = new Set<string>();
  for (const component of system.components.values()) {
    if (component instanceof SmallMoleculeComponentView) keys.add(component.key);
  }
  return keys;
}

function environment(edge: TransformationView): "complex" | "solvent" | "vacuum" {
  const components = [...edge.stateA.components.values()];
  if (components.some((component) => component instanceof ProteinComponentView)) return "complex";
  return components.some((component) => component instanceof SolventComponentView) ? "solvent" : "vacuum";
}

function mappings(edge: TransformationView): LigandAtomMappingView[] {
  return edge.mappings.filter((mapping) => mapping instanceof LigandAtomMappingView);
}

/** The lowest of the scores, within [0, 1]; null where a mapping has none. */
function mappingScore(edge: TransformationBaseView): number | null {
  if (!(edge instanceof TransformationView)) return null;
  const scores = mappings(edge).map(scoreOf);
  if (scores.length === 0 || scores.includes(null)) return null;
  return Math.min(...scores.map((score) => Math.min(1, Math.max(0, score ?? 0))));
}

/** Annotations are the user's own: what cannot be read is no score. */
function scoreOf(mapping: LigandAtomMappingView): number | null {
  try {
    const score = mapping.annotations.get("score");
    const value = score instanceof JsonNumber ? score.toNumber() : Number.NaN;
    return Number.isNaN(value) ? null : value;
  } catch (error) {
    if (error instanceof GufeError) return null;
    throw error;
  }
}
