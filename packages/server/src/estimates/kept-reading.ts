/** What the state store keeps of one result, as JSON. */
import type { StoredReading, UnreadableCode, UnreadableResult } from "@alchemiscale/analysis";

export interface KeptReading {
  readonly reading: StoredReading;
  /** Of a result that is not ok: the last line of each traceback, in their order. */
  readonly failures?: readonly string[];
}

/** A result that cannot be read leaves a reason. It was not a reader's finding: version 0. */
export function unreadable(resultKey: string, protocol: string, code: UnreadableCode, message: string): UnreadableResult {
  return { status: "unreadable", version: 0, resultKey, protocol, reason: { code, message } };
}
