import { Type } from "typebox";
import { noResults } from "../network/transformation-results.ts";
import { defineStrategy } from "../strategy.ts";
import { decayRate, maxRuns, nativeModule } from "./setting-types.ts";

const share = (initial: number, description: string) => Type.Number({ minimum: 0, maximum: 1, default: initial, description });

const MappingScoreSettings = Type.Object({
  max_runs: maxRuns(3),
  decay_rate: decayRate("factor for each result"),
  missing_score: share(0.5, "score of what has none"),
  minimum_score: share(0, "what scores less is never computed"),
  share_of_best: share(0.5, "what has less than this share of the largest weight waits"),
});

/**
 * Easy Transformations first: `w = r^n score`, with the score of the atom mapping, which by convention is in [0, 1] and higher for smaller changes;
 * 0 below `share_of_best` of the largest weight, so that the harder ones wait until the easier ones have results; null at `max_runs` and
 * below `minimum_score`. (spec/strategies.md §11.2)
 */
export const mappingScoreStrategy = defineStrategy({
  module: nativeModule,
  qualname: "MappingScoreStrategy",
  version: 1,
  settingsClass: "MappingScoreStrategySettings",
  summary: "Transformations with high mapping scores first",
  settingsSchema: MappingScoreSettings,
  propose({ edges }, results, settings) {
    const weights = new Map<string, number | null>();
    let best = 0;
    for (const { key, score, blocked } of edges) {
      const { n } = results.get(key) ?? noResults;
      const value = score ?? settings.missing_score;
      const weight = n >= settings.max_runs || value < settings.minimum_score ? null : settings.decay_rate ** n * value;
      weights.set(key, weight);
      if (!blocked) best = Math.max(best, weight ?? 0);
    }
    for (const [key, weight] of weights) {
      if (weight !== null && weight < best * settings.share_of_best) weights.set(key, 0);
      // A score of 0 is the last to come, but comes: else there would be no end.
      else if (weight === 0 && best === 0) weights.set(key, 1);
    }
    const scored = edges.filter(({ score }) => score !== null).length;
    return { weights, why: `${scored} of ${edges.length} Transformations have a mapping score` };
  },
});
