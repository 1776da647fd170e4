import { estimateTransformation, readResult } from "@alchemiscale/analysis";
import { harmonicProtocol } from "../src/native/harmonic-input.ts";

/** The estimate of results of the native protocol, in kcal/mol; null where there is none. */
export function nativeEstimate(results: readonly string[]): { estimate: number; uncertainty: number } | null {
  const protocol = { qualname: harmonicProtocol, settings: null };
  const { estimate, uncertainty } = estimateTransformation(
    protocol,
    results.map((text) => readResult(protocol, text)),
  );
  return estimate === null || uncertainty === null ? null : { estimate, uncertainty };
}
