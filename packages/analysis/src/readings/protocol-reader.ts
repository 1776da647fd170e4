import type { JsonObject, SettingsView, Zstd } from "@alchemiscale/gufe";
import type { CollectedFlags } from "./collected-flags.ts";
import type { Flag } from "./flag.ts";
import type { ResultReading } from "./result-reading.ts";
import type { TransformationEstimate } from "./transformation-estimate.ts";

/** The Protocol of a Transformation; a `ProtocolView` is one. It comes from the Transformation, never from the result. */
export interface ReadableProtocol {
  /** Class name: what readers are found by. */
  readonly qualname: string;
  /** null for protocols whose results are read without them. */
  readonly settings: SettingsView | null;
}

/** An attempt at a unit, with those of its outputs that the reader asked for, lossless and still encoded. */
export interface UnitResult {
  readonly key: string;
  readonly sourceKey: string;
  readonly ok: boolean;
  readonly name: string;
  readonly outputs: JsonObject;
}

/** What a reader is given of one result. */
export interface ResultContent {
  readonly resultKey: string;
  /** Successful attempts, in the order written. */
  readonly successes: readonly UnitResult[];
  readonly settings: SettingsView | null;
  /** Undoes the compression of arrays. */
  readonly zstd: Pick<Zstd, "decompress">;
}

/** What a reader finds; the rest of a `ResultReading` is the same for all protocols. */
export interface ReaderFindings extends Pick<ResultReading, "temperature" | "repeats" | "work"> {
  readonly flags: readonly Flag[];
}

/** How the results of one family of protocols are read. A new protocol joins with one of these and a line in `protocolReaders`. */
export interface ProtocolReader {
  /** Class names of the protocols. */
  readonly protocols: readonly string[];
  /** Outputs of units that `read` looks at; all others are passed over, however long. */
  readonly outputs: readonly string[];
  /** Reads one result. May throw a `GufeError` or `MalformedResult` for what is not as the protocol writes it. */
  read(content: ResultContent): ReaderFindings;
  /**
   * Makes the estimate of readings that are ok, each result once, sorted by key.
   * @param flags with those of the readings; the reader adds its own and puts the list into the estimate
   */
  estimate(protocol: string, readings: readonly ResultReading[], flags: CollectedFlags): TransformationEstimate;
}
