import { RandomStream } from "@alchemiscale/analysis";
import { measurementPlan, planNodes } from "../measurements/measurement-plan.ts";
import type { StrategyEdge, StrategyNetwork } from "../network/strategy-network.ts";

/** What results of a Transformation would be like. */
export interface TransformationNoise {
  /** Standard deviation of the estimate of one result, kcal/mol. */
  readonly spread: number;
  /** Of one result. */
  readonly gpuHours: number;
}

/** By key of the Transformation. */
export type NoiseModel = ReadonlyMap<string, TransformationNoise>;

/** Assumed noise of one kind of leg. */
export interface AssumedNoise {
  /** Median over Transformations of the standard deviation of one result, kcal/mol. */
  readonly medianSpread: number;
  readonly gpuHours: number;
}

export interface NoiseAssumptions {
  readonly complex: AssumedNoise;
  readonly solvent: AssumedNoise;
  readonly vacuum: AssumedNoise;
  /** Transformations that hold all their legs, and those of which no leg is known. */
  readonly whole: AssumedNoise;
  /** How much pairs differ in difficulty: standard deviation of ln(spread), common to all legs of a pair. */
  readonly difficulty: number;
}

/** Rough figures of relative binding calculations; give your own where you know better. */
export const defaultAssumptions: NoiseAssumptions = {
  complex: { medianSpread: 0.35, gpuHours: 6 },
  solvent: { medianSpread: 0.12, gpuHours: 2 },
  vacuum: { medianSpread: 0.05, gpuHours: 0.5 },
  whole: { medianSpread: 0.4, gpuHours: 8 },
  difficulty: 0.6,
};

/** Draws the spread of each Transformation: lognormal around the median of its leg. The seed and the keys decide alone. */
export function assumedNoise(network: StrategyNetwork, assumptions: NoiseAssumptions, seed: string): NoiseModel {
  return new Map(
    network.edges.map((edge): [string, TransformationNoise] => {
      const { medianSpread, gpuHours } = assumptions[edge.ligands?.leg ?? "whole"];
      const difficulty = RandomStream.of(JSON.stringify(["difficulty", seed, ...pairOf(edge)])).normal();
      return [edge.key, { spread: medianSpread * Math.exp(assumptions.difficulty * difficulty), gpuHours }];
    }),
  );
}

function pairOf({ ligands, stateA, stateB }: StrategyEdge): (string | null)[] {
  return ligands === null ? [stateA, stateB].sort() : [ligands.from ?? "", ligands.to].sort();
}

/** True values to measure: free energies of the nodes, and of each Transformation. kcal/mol. */
export interface Truth {
  readonly values: ReadonlyMap<string, number>;
  readonly differences: ReadonlyMap<string, number>;
}

/** Draws ligands from a normal distribution; legs other than the first of a pair are arbitrary, and the first makes up for them. */
export function drawTruth(network: StrategyNetwork, ligandSpread: number, random: RandomStream): Truth {
  const plan = measurementPlan(network);
  const values = new Map(planNodes(plan).map((node) => [node, ligandSpread * random.normal()]));
  const differences = new Map<string, number>();
  for (const { from, to, legs } of plan) {
    let rest = (values.get(to) ?? 0) - (from === null ? 0 : (values.get(from) ?? 0));
    const [first, ...others] = legs;
    for (const leg of others) {
      const value = 10 * random.normal();
      rest -= leg.sign * value;
      for (const { edge, sign } of leg.edges) differences.set(edge.key, sign * value);
    }
    for (const { edge, sign } of first?.edges ?? []) differences.set(edge.key, sign * (first?.sign ?? 1) * rest);
  }
  return { values, differences };
}
