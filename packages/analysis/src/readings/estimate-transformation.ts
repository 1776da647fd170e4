import type { ReadableProtocol } from "./protocol-reader.ts";
import { protocolReaders } from "./protocol-readers.ts";
import type { ResultReading, StoredReading } from "./result-reading.ts";
import type { TransformationEstimate } from "./transformation-estimate.ts";

/**
 * The free energy difference of a Transformation from the readings of its results. A pure function of the readings, whatever their
 * order. Results that are not ok are left out; those that could not be read are left out and flagged. (spec/analysis.md §2, §3, §7)
 */
export function estimateTransformation(
  protocol: Pick<ReadableProtocol, "qualname">,
  readings: readonly StoredReading[],
): TransformationEstimate {
  const reader = protocolReaders.get(protocol.qualname);
  const usable = readings.filter((reading): reading is ResultReading => reading.status === "read" && reading.ok);
  if (reader !== undefined) return reader.estimate(protocol.qualname, usable);
  return {
    protocol: protocol.qualname,
    method: "none",
    estimate: null,
    uncertainty: null,
    uncertaintyKind: "repeat-sd",
    n: 0,
    resultKeys: [],
    perRepeat: [],
    perLeg: [],
    convergence: [],
    overlap: null,
    flags: [{ code: "unknown-protocol", message: `No reader for results of ${protocol.qualname} here` }],
  };
}
