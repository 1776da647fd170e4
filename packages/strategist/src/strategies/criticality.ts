import { Type } from "typebox";
import { criticality, trueZero } from "../measurements/measurement-graph.ts";
import { measurementPlan, type PlannedMeasurement, planNodes } from "../measurements/measurement-plan.ts";
import { noResults } from "../network/transformation-results.ts";
import { defineStrategy } from "../strategy.ts";
import { decayRate, nativeModule } from "./setting-types.ts";

const CriticalitySettings = Type.Object({
  bridge_runs: Type.Integer({ minimum: 1, default: 3, description: "results wanted where a failure would disconnect ligands" }),
  cut_vertex_runs: Type.Integer({ minimum: 1, default: 2, description: "results wanted at ligands that others hang on" }),
  other_runs: Type.Integer({ minimum: 0, default: 1, description: "results wanted of all others" }),
  decay_rate: decayRate("factor for each result"),
});

/**
 * What the network hangs on first. A bridge is a pair whose loss would disconnect ligands; a cut vertex is a ligand whose loss would disconnect
 * others. Pairs that are bridges come before those at a cut vertex, and these before the rest: while a Transformation of an earlier class has no
 * result, later classes have weight 0. Within, `w = r^n (1 + share)`, share being that of the pairs of ligands that would be
 * disconnected; null once the results wanted of its class are there. Pairs that are blocked by errors count as lost: what then has become a bridge
 * is one. (spec/strategies.md §11.4)
 */
export const criticalityStrategy = defineStrategy({
  module: nativeModule,
  qualname: "CriticalityStrategy",
  version: 1,
  settingsClass: "CriticalityStrategySettings",
  summary: "What ligands hang on first: bridges, then pairs at cut vertices, then the rest",
  settingsSchema: CriticalitySettings,
  propose(network, results, settings) {
    const weights = new Map<string, number | null>(network.edges.map(({ key }) => [key, null]));
    const plan = measurementPlan(network);
    const standing = plan.filter((measurement) => !isLost(measurement));
    const { bridgeShare, cutShare } = criticality(planNodes(plan), standing);
    const shares = new Map(standing.map((measurement, i) => [measurement, bridgeShare[i] ?? 0]));
    const runs = [settings.bridge_runs, settings.cut_vertex_runs, settings.other_runs];
    const open: { key: string; tier: number; n: number; share: number }[] = [];
    for (const measurement of plan) {
      const bridge = shares.get(measurement) ?? 0;
      const cut = Math.max(cutShare.get(measurement.from ?? trueZero) ?? 0, cutShare.get(measurement.to) ?? 0);
      const tier = bridge > 0 ? 0 : cut > 0 ? 1 : 2;
      for (const { edge } of measurement.legs.flatMap(({ edges }) => edges)) {
        const { n } = results.get(edge.key) ?? noResults;
        if (n < (runs[tier] ?? 0)) open.push({ key: edge.key, tier: edge.blocked ? 3 : tier, n, share: Math.max(bridge, cut) });
      }
    }
    const current = open.reduce((least, { tier, n }) => (n === 0 ? Math.min(least, tier) : least), 2);
    for (const { key, tier, n, share } of open) weights.set(key, tier > current ? 0 : settings.decay_rate ** n * (1 + share));
    const bridges = bridgeShare.filter((share) => share > 0).length;
    return { weights, why: `${bridges} of ${plan.length} pairs are bridges, ${cutShare.size} ligands are cut vertices` };
  },
});

/** All Transformations of one of its legs are blocked. */
function isLost({ legs }: PlannedMeasurement): boolean {
  return legs.some(({ edges }) => edges.every(({ edge }) => edge.blocked));
}
