import type { TaskScaling } from "@alchemiscale/contract";
import type { StrategyNetwork } from "../network/strategy-network.ts";
import type { NetworkResults } from "../network/transformation-results.ts";
import type { Proposal } from "../strategy.ts";
import type { NoiseModel } from "./noise-model.ts";
import { type CampaignPoint, simulateCampaign } from "./simulate-campaign.ts";

export interface Contender {
  readonly name: string;
  readonly propose: (network: StrategyNetwork, results: NetworkResults) => Proposal;
}

export interface ComparisonOptions {
  readonly network: StrategyNetwork;
  /** Of each replicate. */
  readonly noise: (replicate: number) => NoiseModel;
  readonly contenders: readonly Contender[];
  readonly replicates: number;
  readonly seed: string;
  readonly maxGpuHours: number;
  readonly maxTasksPerTransformation: number;
  readonly scaling: TaskScaling;
  /** Where the curves are read. */
  readonly points: number;
}

/** How the error of a strategy falls: at equal steps of GPU hours. */
export interface ErrorCurve {
  readonly name: string;
  readonly gpuHours: readonly number[];
  /** Root mean square error of ΔG over ligands and replicates, kcal/mol; null until all ligands are connected in every replicate. */
  readonly error: readonly (number | null)[];
}

/**
 * Runs each strategy on the same ligands with the same results in store, and averages over replicates. Between the ends of iterations the mean square error is
 * interpolated, as if Tasks ended evenly; after the end of a campaign it stays.
 */
export function compareStrategies(options: ComparisonOptions): ErrorCurve[] {
  const { network, contenders, replicates, seed, maxGpuHours, points } = options;
  const gpuHours = Array.from({ length: points }, (_, i) => ((i + 1) * maxGpuHours) / points);
  const noises = Array.from({ length: replicates }, (_, replicate) => options.noise(replicate));
  return contenders.map(({ name, propose }) => {
    const campaigns = noises.map((noise, replicate) =>
      simulateCampaign({ ...options, network, noise, propose, seed: `${seed} ${replicate}`, maxGpuHours }),
    );
    const error = gpuHours.map((hours) => {
      const squares = campaigns.map((campaign) => squareAt(campaign, hours));
      return squares.includes(null)
        ? null
        : Math.sqrt(squares.reduce<number>((sum, square) => sum + (square ?? 0), 0) / replicates);
    });
    return { name, gpuHours, error };
  });
}

/** GPU hours after which the error stays at or below a level, between two points of the curve; null where it never does. */
export function hoursToError({ gpuHours, error }: ErrorCurve, level: number): number | null {
  const first = error.findLastIndex((value) => value === null || value > level) + 1;
  const [after, before] = [error[first], error[first - 1]];
  if (after === undefined || after === null) return null;
  const hours = gpuHours[first] ?? 0;
  if (before === undefined || before === null) return hours;
  const previous = gpuHours[first - 1] ?? 0;
  return previous + ((before - level) / (before - after)) * (hours - previous);
}

function squareAt(campaign: readonly CampaignPoint[], hours: number): number | null {
  const at = campaign.findLastIndex(({ gpuHours }) => gpuHours <= hours);
  const [before, after] = [campaign[at], campaign[at + 1]];
  if (before === undefined || before.error === null) return null;
  const square = before.error ** 2;
  if (after === undefined || after.error === null) return square;
  const part = (hours - before.gpuHours) / (after.gpuHours - before.gpuHours);
  return square + part * (after.error ** 2 - square);
}
