import { transformationRole } from "@alchemiscale/analysis";
import {
  AlchemicalNetworkView,
  ChainError,
  ChainViews,
  compareCodePoints,
  GufeError,
  JsonNumber,
  type KeyedChain,
  LigandAtomMappingView,
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

function ligandChange(edge: TransformationBaseView): LigandChange | null {
  const role = transformationRole(edge);
  switch (role.kind) {
    case "leg":
      return { from: role.ligandA.key, to: role.ligandB.key, leg: role.leg };
    case "binding-difference":
      return { from: role.ligandA.key, to: role.ligandB.key, leg: "whole" };
    case "absolute":
      return { from: null, to: role.ligand.key, leg: "whole" };
    default:
      return null;
  }
}

/** The lowest of the scores, within [0, 1]; null where a mapping has none. */
function mappingScore(edge: TransformationBaseView): number | null {
  if (!(edge instanceof TransformationView)) return null;
  const scores = edge.mappings.filter((mapping) => mapping instanceof LigandAtomMappingView).map(scoreOf);
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
