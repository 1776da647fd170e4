/** What strategies see of an AlchemicalNetwork: plain data, so that they are pure functions and can be run on made-up networks. */
export interface StrategyNetwork {
  /** Keys of all ChemicalSystems, those without an edge too. */
  readonly systems: readonly string[];
  /** In an order that depends on their keys alone. */
  readonly edges: readonly StrategyEdge[];
}

/** One Transformation or NonTransformation. */
export interface StrategyEdge {
  /** The key it is stored under: weights are keyed by it. */
  readonly key: string;
  /** Keys of ChemicalSystems; equal for a NonTransformation. */
  readonly stateA: string;
  readonly stateB: string;
  /** Whose difference it is part of, as keys of ligands; null where that cannot be told: then it is a difference of its systems alone. */
  readonly ligands: LigandChange | null;
  /** Mapping score in [0, 1], the lowest of several; null where the mapping has none. (spec/strategies.md §11.2) */
  readonly score: number | null;
  /** What one more result is expected to cost; null where that is not known. */
  readonly gpuHours: number | null;
  /** A Task of it is in error: no new Task will be made until that is dealt with. (spec/strategies.md §6 step 6) */
  readonly blocked: boolean;
}

/** The same network with what is expected of the next results now: cost by key of the Transformation, and those that are blocked. */
export function withOutlook(
  network: StrategyNetwork,
  { gpuHours, blocked }: { readonly gpuHours?: ReadonlyMap<string, number>; readonly blocked?: ReadonlySet<string> },
): StrategyNetwork {
  const edges = network.edges.map((edge) => ({
    ...edge,
    gpuHours: gpuHours?.get(edge.key) ?? edge.gpuHours,
    blocked: blocked?.has(edge.key) ?? edge.blocked,
  }));
  return { ...network, edges };
}

/** From ligand `from` to ligand `to`; `from` is null for an absolute value of `to`. */
export interface LigandChange {
  readonly from: string | null;
  readonly to: string;
  /** The environment; `whole` where the Transformation holds all its legs itself (SepTop, absolute binding and solvation). */
  readonly leg: "complex" | "solvent" | "vacuum" | "whole";
}
