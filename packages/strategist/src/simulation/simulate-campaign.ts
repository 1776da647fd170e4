import { connectedComponents, type NetworkMeasurement, RandomStream, solveNetwork } from "@alchemiscale/analysis";
import type { TaskScaling } from "@alchemiscale/contract";
import { resolveWeights } from "../decision/resolve-weights.ts";
import { weightsToCounts } from "../decision/task-count.ts";
import { measuredValue } from "../measurements/measured-difference.ts";
import { measurementPlan, type PlannedMeasurement, planNodes } from "../measurements/measurement-plan.ts";
import { resultVariances } from "../measurements/result-variance.ts";
import { meanAndSpread } from "../network/results-from-table.ts";
import { type StrategyNetwork, withOutlook } from "../network/strategy-network.ts";
import type { NetworkResults, TransformationResults } from "../network/transformation-results.ts";
import type { Proposal } from "../strategy.ts";
import { drawTruth, type NoiseModel, type Truth } from "./noise-model.ts";

export interface CampaignOptions {
  readonly network: StrategyNetwork;
  readonly noise: NoiseModel;
  readonly propose: (network: StrategyNetwork, results: NetworkResults) => Proposal;
  readonly maxTasksPerTransformation: number;
  readonly scaling: TaskScaling;
  /** Draws the truth and all noise: campaigns with one seed measure the same ligands, and the k-th result of a Transformation is the same. */
  readonly seed: string;
  /** Ends there if the strategy does not. */
  readonly maxGpuHours: number;
}

/** The state of a campaign when all Tasks of one iteration are done. */
export interface CampaignPoint {
  readonly gpuHours: number;
  readonly results: number;
  /** Root mean square of the errors of ΔG, each planned component about its mean; null until all ligands are connected. kcal/mol. */
  readonly error: number | null;
}

/**
 * Runs a strategy on a network whose results are drawn: each iteration proposes, turns weights into counts of Tasks as the strategist does,
 * and all Tasks are done before the next. Free energies are estimated by maximum likelihood from the results alone.
 */
export function simulateCampaign(options: CampaignOptions): CampaignPoint[] {
  const { noise, seed, maxGpuHours, maxTasksPerTransformation, scaling } = options;
  const network = withOutlook(options.network, { gpuHours: new Map([...noise].map(([key, { gpuHours }]) => [key, gpuHours])) });
  const truth = drawTruth(network, 1.5, RandomStream.of(`truth ${seed}`));
  const plan = measurementPlan(network);
  const streams = new Map(network.edges.map(({ key }) => [key, RandomStream.of(JSON.stringify(["results", seed, key]))]));
  const estimates = new Map<string, number[]>();
  const points: CampaignPoint[] = [];
  let spent = 0;
  let count = 0;
  while (spent < maxGpuHours) {
    const results = summaries(estimates, noise);
    const { weights } = options.propose(network, results);
    const targets = weightsToCounts(resolveWeights(weights), maxTasksPerTransformation, scaling);
    const before = count;
    for (const [key, target] of targets) {
      const { spread, gpuHours } = noise.get(key) ?? { spread: 0, gpuHours: 0 };
      for (let task = 0; task < target; task += 1) {
        const value = (truth.differences.get(key) ?? 0) + spread * (streams.get(key)?.normal() ?? 0);
        estimates.set(key, [...(estimates.get(key) ?? []), value]);
        spent += gpuHours;
        count += 1;
      }
    }
    if (count === before) break;
    points.push({ gpuHours: spent, results: count, error: networkError(plan, summaries(estimates, noise), truth) });
  }
  return points;
}

function summaries(estimates: ReadonlyMap<string, readonly number[]>, noise: NoiseModel): NetworkResults {
  const entries = [...estimates].map(([key, values]): [string, TransformationResults] => [
    key,
    { n: values.length, gpuHours: values.length * (noise.get(key)?.gpuHours ?? 0), ...meanAndSpread(values) },
  ]);
  return new Map(entries);
}

/** Assumed in the estimate: what a strategy of this project assumes, whichever strategy is simulated. */
const spreadAssumption = { prior_spread: 0.5, prior_solvent_spread: 0.2, prior_results: 3 };

function networkError(plan: readonly PlannedMeasurement[], results: NetworkResults, truth: Truth): number | null {
  const variances = resultVariances(plan, results, spreadAssumption);
  const measured = plan.flatMap((measurement): NetworkMeasurement[] => {
    const known = measuredValue(measurement, results, variances);
    return known === null ? [] : [{ ...measurement, value: known.value, sigma: Math.sqrt(known.variance) }];
  });
  const nodes = planNodes(plan);
  const { components } = solveNetwork(measured, { ligands: nodes });
  const planned = connectedComponents<string | null>(
    [null, ...nodes],
    plan.map(({ from, to }) => [from, to]),
  );
  const hasAbsolute = plan.some(({ from }) => from === null);
  if (components.length !== planned.length - (hasAbsolute ? 0 : 1)) return null;
  let squares = 0;
  for (const { ligands, values, reference } of components) {
    const errors = ligands.map((ligand, i) => (values[i] ?? 0) - (truth.values.get(ligand) ?? 0));
    const mean = reference === "absolute" ? 0 : errors.reduce((sum, error) => sum + error, 0) / errors.length;
    squares += errors.reduce((sum, error) => sum + (error - mean) ** 2, 0);
  }
  return Math.sqrt(squares / nodes.length);
}
