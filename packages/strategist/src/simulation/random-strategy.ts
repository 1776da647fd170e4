import { RandomStream } from "@alchemiscale/analysis";
import { Type } from "typebox";
import { noResults } from "../network/transformation-results.ts";
import { maxRuns } from "../strategies/setting-types.ts";
import { defineStrategy } from "../strategy.ts";

/** What others are compared with: each time a quarter of the Transformations, drawn by lot. Not for use, and not in the registry. */
export const randomStrategy = defineStrategy({
  module: "alchemiscale_strategies",
  qualname: "RandomStrategy",
  version: 1,
  settingsClass: "RandomStrategySettings",
  summary: "A quarter of the Transformations, drawn by lot",
  settingsSchema: Type.Object({ max_runs: maxRuns(10), seed: Type.Integer({ default: 0, description: "of the lots" }) }),
  propose({ edges }, results, { max_runs, seed }) {
    const total = edges.reduce((sum, { key }) => sum + (results.get(key) ?? noResults).n, 0);
    const open = edges.filter(({ key }) => (results.get(key) ?? noResults).n < max_runs);
    const lots = new Map(open.map(({ key }) => [key, RandomStream.of(JSON.stringify([seed, total, key])).uniform()]));
    const drawn = open.toSorted((a, b) => (lots.get(a.key) ?? 0) - (lots.get(b.key) ?? 0)).slice(0, Math.ceil(edges.length / 4));
    const weights = new Map<string, number | null>(edges.map(({ key }) => [key, lots.has(key) ? 0 : null]));
    for (const { key } of drawn) weights.set(key, 1);
    return { weights, why: "By lot" };
  },
});
