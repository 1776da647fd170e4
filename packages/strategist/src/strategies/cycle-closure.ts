import { cycleClosure, type MeasuredDifference } from "@alchemiscale/analysis";
import { Type } from "typebox";
import { measuredValue } from "../measurements/measured-difference.ts";
import { measurementPlan, type PlannedMeasurement } from "../measurements/measurement-plan.ts";
import { resultVariances } from "../measurements/result-variance.ts";
import { pairKey } from "../network/pair-key.ts";
import { noResults } from "../network/transformation-results.ts";
import { defineStrategy } from "../strategy.ts";
import { decayRate, maxRuns, nativeModule, priorResults, priorSolventSpread, priorSpread } from "./setting-types.ts";

const CycleClosureSettings = Type.Object({
  tolerance: Type.Number({
    exclusiveMinimum: 0,
    default: 0.5,
    description: "kcal/mol; a cycle of m pairs closes when its differences add up to at most this times √m",
  }),
  longest_cycle: Type.Integer({ minimum: 3, maximum: 8, default: 5, description: "ligands in a cycle at most" }),
  max_runs: maxRuns(5),
  decay_rate: decayRate("factor for each result"),
  prior_spread: priorSpread,
  prior_solvent_spread: priorSolventSpread,
  prior_results: priorResults,
});

/**
 * Repeats what does not close. Every Transformation is run once (weight 1); then pairs in a cycle whose closure error per edge, |Σ ΔΔG| / √m, is above the
 * tolerance are repeated: `w = r^n mean / tolerance`, mean being that over all cycles of the pair, so that pairs whose other cycles close are
 * suspected less. Pairs that close, or are in no cycle, are done: null. (Baumann et al., J. Chem. Theory Comput. 19, 5058
 * (2023); spec/analysis.md §6)
 */
export const cycleClosureStrategy = defineStrategy({
  module: nativeModule,
  qualname: "CycleClosureStrategy",
  version: 1,
  settingsClass: "CycleClosureStrategySettings",
  summary: "Everything once, then again what does not close",
  settingsSchema: CycleClosureSettings,
  propose(network, results, settings) {
    const weights = new Map<string, number | null>(network.edges.map(({ key }) => [key, null]));
    const plan = measurementPlan(network).filter(({ from }) => from !== null);
    const variances = resultVariances(plan, results, settings);
    const differences = plan.flatMap((measurement): MeasuredDifference[] => {
      const measured = measuredValue(measurement, results, variances);
      return measured === null || measurement.from === null
        ? []
        : [{ from: measurement.from, to: measurement.to, value: measured.value, sigma: Math.sqrt(measured.variance) }];
    });
    const { cycles, edges } = cycleClosure(differences, { longest: settings.longest_cycle });
    const closures = new Map(edges.map((edge) => [pairKey(edge.ligands), edge]));
    for (const measurement of plan) {
      const closure = closures.get(pairKey([measurement.from ?? "", measurement.to]));
      const suspicion = closure === undefined || closure.max <= settings.tolerance ? null : closure.mean / settings.tolerance;
      for (const edge of edgesOf(measurement)) {
        const { n } = results.get(edge.key) ?? noResults;
        if (n === 0) weights.set(edge.key, 1);
        else if (suspicion !== null && n < settings.max_runs) weights.set(edge.key, settings.decay_rate ** n * suspicion);
      }
    }
    const open = cycles.filter(({ perEdge }) => perEdge > settings.tolerance).length;
    return { weights, why: `${open} of ${cycles.length} cycles do not close within ${settings.tolerance} kcal/mol per edge` };
  },
});

function edgesOf({ legs }: PlannedMeasurement) {
  return legs.flatMap(({ edges }) => edges.map(({ edge }) => edge));
}
