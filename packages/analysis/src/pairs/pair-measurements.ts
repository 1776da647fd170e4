import type { NetworkMeasurement } from "../network/network-measurement.ts";
import type { FreeEnergyPair } from "./pair-legs.ts";

/** Below this no simulation is certain: kcal/mol. (spec/analysis.md §4) */
export const sigmaFloor = 0.001;

export interface PairMeasurement {
  readonly pair: FreeEnergyPair;
  readonly measurement: NetworkMeasurement;
  /** The σ was below the floor, and the floor was taken: repeats that agree to the last digit, or a single one. */
  readonly isFloored: boolean;
}

export interface PairMeasurements {
  readonly measurements: readonly PairMeasurement[];
  /** Pairs without a finite value and σ: they are in no maximum likelihood. */
  readonly excluded: readonly { readonly pair: FreeEnergyPair; readonly reason: string }[];
}

/** Pairs as measurements for `solveNetwork`, with a floor under σ. One observable at a time. (spec/analysis.md §4, §5) */
export function pairMeasurements(pairs: readonly FreeEnergyPair[], floor: number = sigmaFloor): PairMeasurements {
  const measurements: PairMeasurement[] = [];
  const excluded: { pair: FreeEnergyPair; reason: string }[] = [];
  for (const pair of pairs) {
    const { from, to, value, sigma } = pair;
    if (!Number.isFinite(value)) excluded.push({ pair, reason: `its value is ${value}` });
    else if (sigma === null || !Number.isFinite(sigma))
      excluded.push({ pair, reason: "nothing gives its uncertainty: one repeat, and no error of that" });
    else measurements.push({ pair, measurement: { from, to, value, sigma: Math.max(sigma, floor) }, isFloored: sigma < floor });
  }
  return { measurements, excluded };
}
