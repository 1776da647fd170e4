import { openfeReader } from "./openfe-repeats.ts";

/** openfe's absolute binding free energies: ΔG = solvent − (complex + standard state correction). (spec/analysis.md §2) */
export const absoluteBinding = openfeReader("AbsoluteBindingProtocol", [
  { name: "solvent", sign: 1, corrections: [] },
  { name: "complex", sign: -1, corrections: ["standard_state_correction"] },
]);
