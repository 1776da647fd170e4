/** What is kept of one stored ProtocolDAGResult: plain JSON, so that estimates never touch the object store again. (spec/analysis.md §7) */
import type { Flag } from "./flag.ts";

/** Grows when readers find more or other things in the same result: readings of an older version are to be made again. */
export const readerVersion = 2;

/** A result that was read. No number in it is NaN or infinite: JSON text has room for all of it, and gives it back as it was. */
export interface ResultReading {
  readonly status: "read";
  readonly version: number;
  /** gufe key of the ProtocolDAGResult. */
  readonly resultKey: string;
  /** Class name of the Protocol; its module is not kept, as modules moved between versions. */
  readonly protocol: string;
  /** Whether every unit of the DAG succeeded. Only then the values enter an estimate. */
  readonly ok: boolean;
  /** Kelvin; null where the protocol's estimate does not need it. */
  readonly temperature: number | null;
  /** One for each repeat, leg and generation; in the order written. Empty for protocols that measure work. */
  readonly repeats: readonly RepeatReading[];
  /** What switching took; empty for protocols that do not switch. */
  readonly work: readonly WorkReading[];
  /** One for each attempt at a unit, in the order written. */
  readonly units: readonly UnitReading[];
  readonly flags: readonly Flag[];
}

/** One leg of one repeat. Energies in kcal/mol. */
export interface RepeatReading {
  /** As the protocol names it (`solvent`, `vacuum`, `complex`); null where a Transformation is one leg. */
  readonly leg: string | null;
  /** Decimal digits: 128-bit integers are no numbers of JavaScript. */
  readonly repeatId: string;
  readonly generation: number;
  /** F(last λ) − F(first λ) without corrections; null for protocols that make no estimate. */
  readonly estimate: number | null;
  /** MBAR error of this leg and repeat. */
  readonly error: number | null;
  /** Standard state corrections by the name of their output, such as `standard_state_correction_A`. */
  readonly corrections: Readonly<Record<string, number>>;
  readonly convergence: Convergence | null;
  /** Scalar MBAR overlap between 0 and 1; null where it was not recorded. */
  readonly overlap: number | null;
  /** The smallest entry beside the diagonal of the overlap matrix; should be at least 0.03. */
  readonly neighbourOverlap: number | null;
  /** The same of the matrix of transitions between replicas. Readings before version 2 lack it. */
  readonly neighbourExchange?: number | null;
  readonly productionIterations: number | null;
  readonly equilibrationIterations: number | null;
}

/** Estimates (kcal/mol) from parts of the samples: forward from the beginning, reverse from the end. null where MBAR failed. */
export interface Convergence {
  readonly fractions: readonly (number | null)[];
  readonly forward: readonly (number | null)[];
  readonly forwardError: readonly (number | null)[];
  readonly reverse: readonly (number | null)[];
  readonly reverseError: readonly (number | null)[];
}

/** Final work values of one result, in kT, and what follows from them alone. */
export interface WorkReading {
  /** Results of the native protocol with one seed hold the same numbers; null elsewhere. */
  readonly seed: string | null;
  /** λ 0 → 1. */
  readonly forward: readonly number[];
  /** λ 1 → 0. */
  readonly reverse: readonly number[];
  /** Readings before version 2 lack it. */
  readonly alone?: AloneEstimate;
}

/** What the work of one result says without the others. */
export interface AloneEstimate {
  /** BAR and its error (kcal/mol) and overlap; null where a direction is empty or the two do not overlap. */
  readonly bar: { readonly estimate: number; readonly error: number; readonly overlap: number } | null;
  /** null where a direction has fewer than two values. */
  readonly convergence: Convergence | null;
}

/** One attempt at a unit. */
export interface UnitReading {
  /** Class of the unit, such as `CycleUnit`. */
  readonly unitClass: string;
  readonly ok: boolean;
  /** ISO 8601 as written: local to the host, without a zone. */
  readonly startTime: string | null;
  readonly endTime: string | null;
}

/** Why nothing is known of a result. */
export type UnreadableCode =
  /** Not the keyed chain of a ProtocolDAGResult. */
  | "not-a-result"
  /** A value is not what the protocol writes. */
  | "malformed"
  /** More than the reader's limits allow. */
  | "too-large"
  /** No reader for this protocol here. */
  | "unknown-protocol"
  /** Its bytes are not there, or cannot be had. */
  | "missing";

/** A result that could not be read, and why. */
export interface UnreadableResult {
  readonly status: "unreadable";
  readonly version: number;
  /** null where not even that could be read. */
  readonly resultKey: string | null;
  readonly protocol: string;
  readonly reason: { readonly code: UnreadableCode; readonly message: string };
  /** Where only the protocol is unknown. */
  readonly units?: readonly UnitReading[];
}

/** What is stored for every result: never a hole. */
export type StoredReading = ResultReading | UnreadableResult;
