import { type Static, Type } from "typebox";
import { noResults } from "../network/transformation-results.ts";
import { defineStrategy } from "../strategy.ts";
import { decayRate, infinity, orNull } from "./setting-types.ts";

const ConnectivitySettings = Type.Object({
  decay_rate: decayRate("decay rate of the exponential decay penalty factor"),
  cutoff: orNull(
    Type.Union([Type.Number({ exclusiveMinimum: 0 }), infinity]),
    "a Transformation whose raw weight falls below it is done",
  ),
  max_runs: orNull(Type.Integer({ minimum: 1 }), "a Transformation with so many results is done"),
});

/**
 * Transformations between well connected systems first:
 * `w(e) = r^n(e) (d(a) + d(b)) / 2`, with d the number of edge ends at a system (a self-edge has two) and n the results; null where
 * `w < cutoff` or `n ≥ max_runs`. Every one of several parallel edges is weighed. (spec/strategies.md §2; stratocaster)
 */
export const connectivityStrategy = defineStrategy({
  module: "stratocaster.strategies.connectivity",
  qualname: "ConnectivityStrategy",
  version: 1,
  settingsClass: "ConnectivityStrategySettings",
  summary: "Transformations between well connected systems first, fewer repeats the more there are",
  settingsSchema: ConnectivitySettings,
  defaultSettings: { max_runs: 3 },
  check: ({ cutoff, max_runs }) =>
    cutoff === null && max_runs === null
      ? { field: "max_runs", rule: "and cutoff are both null; at least one of them must be set, or the strategy never ends" }
      : undefined,
  propose({ edges }, results, settings) {
    const degree = new Map<string, number>();
    for (const { stateA, stateB } of edges) {
      degree.set(stateA, (degree.get(stateA) ?? 0) + 1);
      degree.set(stateB, (degree.get(stateB) ?? 0) + 1);
    }
    const weights = new Map<string, number | null>();
    for (const { key, stateA, stateB } of edges) {
      const { n } = results.get(key) ?? noResults;
      const weight = (settings.decay_rate ** n * ((degree.get(stateA) ?? 0) + (degree.get(stateB) ?? 0))) / 2;
      weights.set(key, isDone(weight, n, settings) ? null : weight);
    }
    return { weights, why: "Weights by the number of edges at both systems, lower with each result" };
  },
});

function isDone(weight: number, n: number, { cutoff, max_runs }: Static<typeof ConnectivitySettings>): boolean {
  return (cutoff !== null && weight < cutoff) || (max_runs !== null && n >= max_runs);
}
