import { ResultScanner } from "./result-scanner.ts";
import type { ResultSummary } from "./result-summary.ts";

/** Characters encoded at a time. */
const step = 1 << 16;

/**
 * Summarises the ProtocolDAGResult at the end of a keyed chain's text: whether it is ok, its units' times, its failures.
 * The same as `ResultScanner`, for a text that is in memory. (spec/gufe.md §4.4)
 */
export function summarizeResult(chainText: string): ResultSummary {
  const scanner = new ResultScanner();
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(3 * step + 3);
  for (let at = 0; at < chainText.length; ) {
    let end = Math.min(at + step, chainText.length);
    // A pair of surrogates cut in two would be encoded as two unknown characters.
    if (end < chainText.length && (chainText.charCodeAt(end - 1) & 0xfc00) === 0xd800) end += 1;
    const { written } = encoder.encodeInto(chainText.slice(at, end), buffer);
    scanner.write(buffer.subarray(0, written));
    at = end;
  }
  return scanner.end();
}
