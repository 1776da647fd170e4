import { compareCodePoints } from "@alchemiscale/gufe";
import { CollectedFlags } from "./collected-flags.ts";
import type { ReadableProtocol } from "./protocol-reader.ts";
import { protocolReaders } from "./protocol-readers.ts";
import type { ResultReading, StoredReading } from "./result-reading.ts";
import { noEstimate, type TransformationEstimate } from "./transformation-estimate.ts";

/**
 * The free energy difference of a Transformation from the readings of its results. A pure function of the readings, whatever their
 * order. Results that are not ok are left out; those that could not be read are left out and flagged. (spec/analysis.md §2, §3, §7)
 */
export function estimateTransformation(
  protocol: Pick<ReadableProtocol, "qualname">,
  readings: readonly StoredReading[],
): TransformationEstimate {
  const { qualname } = protocol;
  const flags = new CollectedFlags();
  const reader = protocolReaders.get(qualname);
  const usable = new Map<string, ResultReading>();
  for (const reading of readings) {
    const key = reading.resultKey ?? "a result";
    if (reading.status === "unreadable") {
      // That there is no reader is said once, of the protocol.
      if (reading.reason.code !== "unknown-protocol")
        flags.addOf(key, { code: "unreadable-result", message: reading.reason.message });
    } else if (reading.protocol !== qualname) {
      flags.addOf(key, { code: "other-protocol", message: `a result of ${reading.protocol}, not of ${qualname}` });
    } else if (reading.ok) {
      usable.set(reading.resultKey, reading);
    }
  }
  if (reader === undefined) {
    flags.add("unknown-protocol", `there is no reader for results of ${qualname}`);
    return { ...noEstimate(qualname), flags: flags.list() };
  }
  const sorted = [...usable.values()].sort((a, b) => compareCodePoints(a.resultKey, b.resultKey));
  for (const reading of sorted) for (const flag of reading.flags) flags.addOf(reading.resultKey, flag);
  return reader.estimate(qualname, sorted, flags);
}
