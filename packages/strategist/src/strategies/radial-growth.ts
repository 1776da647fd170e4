import { connectedComponents } from "@alchemiscale/analysis";
import { Type } from "typebox";
import type { StrategyEdge } from "../network/strategy-network.ts";
import { type NetworkResults, noResults } from "../network/transformation-results.ts";
import { eccentricities, undirectedGraph } from "../network/undirected-graph.ts";
import { defineStrategy } from "../strategy.ts";
import { decayRate, maxRuns } from "./setting-types.ts";

const RadialGrowthSettings = Type.Object({
  max_runs: maxRuns(3),
  candidacy_max_distance: Type.Integer({
    minimum: 1,
    default: 1,
    description: "how far beyond the systems reached a Transformation may be",
  }),
  decay_repeat_rate: decayRate("factor for each result"),
  decay_distance_rate: decayRate("factor for each step away from the systems reached"),
});

/**
 * From the centre of each component outwards. With ecc the eccentricity of a system, E the largest, lo and hi the smaller and the larger of
 * an edge's ends, and `L = min(E, min{lo(e) : n(e) = 0 and hi(e) < E})` the lowest complete tier: null where `n ≥ max_runs`, else with d = hi − L
 * `w = p^n f(d)`, f = 0 for d > k, 1 for d = 0, `q^(d − 1)` otherwise. The order-free form of what stratocaster computes in the order that it
 * happens to visit edges. (spec/strategies.md §3, D2, D3)
 */
export const radialGrowthStrategy = defineStrategy({
  module: "stratocaster.strategies.radialgrowth",
  qualname: "RadialGrowthStrategy",
  version: 1,
  settingsClass: "RadialGrowthStrategySettings",
  summary: "From the centre of the network outwards, one tier after another",
  settingsSchema: RadialGrowthSettings,
  defaultSettings: { max_runs: 3 },
  propose(network, results, settings) {
    const links = network.edges.map(({ stateA, stateB }): [string, string] => [stateA, stateB]);
    const distance = eccentricities(undirectedGraph(network.systems, links));
    const tierOf = lowestTiers(connectedComponents(network.systems, links), network.edges, distance, results);
    const weights = new Map<string, number | null>();
    for (const edge of network.edges) {
      const { n } = results.get(edge.key) ?? noResults;
      const d = ends(edge, distance).hi - (tierOf.get(edge.stateA) ?? 0);
      const { max_runs, candidacy_max_distance, decay_repeat_rate, decay_distance_rate } = settings;
      const factor = d > candidacy_max_distance ? 0 : d === 0 ? 1 : decay_distance_rate ** (d - 1);
      weights.set(edge.key, n >= max_runs ? null : decay_repeat_rate ** n * factor);
    }
    return { weights, why: "Weights by the distance from the tiers that are complete, lower with each result" };
  },
});

/** L of its component, for each system. */
function lowestTiers(
  components: readonly (readonly string[])[],
  edges: readonly StrategyEdge[],
  distance: ReadonlyMap<string, number>,
  results: NetworkResults,
): Map<string, number> {
  const componentOf = new Map<string, number>();
  const farthest: number[] = [];
  for (const [index, systems] of components.entries()) {
    for (const system of systems) {
      componentOf.set(system, index);
      farthest[index] = Math.max(farthest[index] ?? 0, distance.get(system) ?? 0);
    }
  }
  const lowest = [...farthest];
  for (const edge of edges) {
    const index = componentOf.get(edge.stateA) ?? 0;
    const { lo, hi } = ends(edge, distance);
    if (!results.has(edge.key) && hi < (farthest[index] ?? 0)) lowest[index] = Math.min(lowest[index] ?? 0, lo);
  }
  return new Map([...componentOf].map(([system, index]) => [system, lowest[index] ?? 0]));
}

function ends({ stateA, stateB }: StrategyEdge, distance: ReadonlyMap<string, number>): { lo: number; hi: number } {
  const [a, b] = [distance.get(stateA) ?? 0, distance.get(stateB) ?? 0];
  return { lo: Math.min(a, b), hi: Math.max(a, b) };
}
