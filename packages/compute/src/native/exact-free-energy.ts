import { sliceKeyedChain } from "@alchemiscale/gufe";
import { readHarmonicInput } from "./harmonic-input.ts";
import { wellDifference } from "./switching.ts";

/**
 * The analytic free energy difference, kcal/mol, of a Transformation with the native protocol.
 * @param transformation keyed chain text.
 * @throws {InvalidHarmonicInput}
 */
export function exactFreeEnergy(transformation: string): number {
  const { stateA, stateB, settings } = readHarmonicInput(sliceKeyedChain(transformation));
  return wellDifference(stateA.well, stateB.well, settings.temperature);
}
