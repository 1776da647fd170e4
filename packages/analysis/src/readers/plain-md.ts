import { integerOutput } from "../readings/outputs.ts";
import type { ProtocolReader } from "../readings/protocol-reader.ts";
import { noEstimate } from "../readings/transformation-estimate.ts";
import { legacyLayout, repeatIdentity } from "./openfe-repeats.ts";

const noEnergies = {
  leg: null,
  estimate: null,
  error: null,
  corrections: {},
  convergence: null,
  overlap: null,
  neighbourOverlap: null,
  productionIterations: null,
  equilibrationIterations: null,
};

/**
 * openfe's molecular dynamics: repeats, and no free energy. The repeats are those of its `Simulation` units; before openfe 1.12 there was
 * one unit for each repeat. (spec/analysis.md §2)
 */
export const plainMd: ProtocolReader = {
  protocols: ["PlainMDProtocol"],
  outputs: ["repeat_id", "generation"],
  read: ({ successes }) => {
    const ofRepeats = successes.filter((unit) => integerOutput(unit, "repeat_id") !== null);
    const simulations = ofRepeats.filter((unit) => unit.name.includes("Simulation"));
    const isLegacy = simulations.length === 0 && ofRepeats.length > 0;
    return {
      temperature: null,
      work: [],
      repeats: (isLegacy ? ofRepeats : simulations).map((unit) => ({ ...noEnergies, ...repeatIdentity(unit) })),
      flags: isLegacy ? [legacyLayout] : [],
    };
  },
  estimate: (protocol, readings, flags) => {
    const resultKeys = readings.map((reading) => reading.resultKey);
    return { ...noEstimate(protocol), n: resultKeys.length, resultKeys, flags: flags.list() };
  },
};
