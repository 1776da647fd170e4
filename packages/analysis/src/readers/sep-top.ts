import { openfeReader } from "./openfe-repeats.ts";

/** openfe's separated topologies, a ΔΔG A → B: (complex + corrections of A and B) − (solvent + correction). B's is negated already. (spec/analysis.md §2) */
export const sepTop = openfeReader("SepTopProtocol", [
  { name: "solvent", sign: -1, corrections: ["standard_state_correction"] },
  { name: "complex", sign: 1, corrections: ["standard_state_correction_A", "standard_state_correction_B"] },
]);
