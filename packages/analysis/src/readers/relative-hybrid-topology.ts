import { openfeReader } from "./openfe-repeats.ts";

/** openfe's relative free energies by hybrid topology: ΔG A → B in one environment. (spec/analysis.md §2) */
export const relativeHybridTopology = openfeReader("RelativeHybridTopologyProtocol", [{ name: null, sign: 1, corrections: [] }]);
