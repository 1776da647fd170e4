import { openfeReader } from "./openfe-repeats.ts";

/** openfe's absolute solvation free energies: ΔG = vacuum − solvent. (spec/analysis.md §2) */
export const absoluteSolvation = openfeReader("AbsoluteSolvationProtocol", [
  { name: "solvent", sign: -1, corrections: [] },
  { name: "vacuum", sign: 1, corrections: [] },
]);
