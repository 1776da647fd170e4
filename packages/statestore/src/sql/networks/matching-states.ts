import { compileJavaPattern } from "../../patterns/java-pattern.ts";
import { networkStates, stateCode } from "../codes.ts";

/** The codes of the states that a pattern matches as a whole, as a JSON array; all without one. @throws {InvalidPattern} */
export function matchingStates(pattern: string | undefined): string {
  if (pattern === undefined) return JSON.stringify(networkStates.map(stateCode));
  const matches = compileJavaPattern(pattern);
  return JSON.stringify(networkStates.filter(matches).map(stateCode));
}
