import { ResultScanner } from "./result-scanner.ts";
import type { ResultSummary } from "./result-summary.ts";

/**
 * Summarises the ProtocolDAGResult at the end of a keyed chain's text: whether it is ok, its units' times, its failures.
 * The same as `ResultScanner`, for a text that is in memory. (spec/gufe.md §4.4)
 */
export function summarizeResult(chainText: string): ResultSummary {
  const scanner = new ResultScanner();
  scanner.writeText(chainText);
  return scanner.end();
}
