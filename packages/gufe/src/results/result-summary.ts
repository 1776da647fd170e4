import type { JsonObject } from "../json/json.ts";

/** What is asked of a ProtocolDAGResult without rebuilding its objects. (spec/gufe.md §4.4) */
export interface ResultSummary {
  readonly key: string;
  readonly qualname: string;
  /** Whether every unit of the DAG has at least one successful result. */
  readonly ok: boolean;
  readonly transformationKey: string | null;
  readonly extendsKey: string | null;
  /** Keys of the DAG's units, in the order written. */
  readonly protocolUnits: readonly string[];
  /** All failed attempts, also those of units that succeeded later, in the order in which gufe lists them (§4.2). */
  readonly failures: readonly UnitFailure[];
  /** All attempts, in the order written. */
  readonly units: readonly UnitSummary[];
}

export interface UnitFailure {
  /** The unit that was run. */
  readonly sourceKey: string;
  readonly failureKey: string;
  /** The exception's class, and its arguments as Python shows them; null where none is recorded. */
  readonly exception: readonly [string, string] | null;
  readonly traceback: string;
}

export interface UnitSummary {
  readonly key: string;
  readonly sourceKey: string;
  readonly ok: boolean;
  readonly name: string | null;
  /** ISO 8601, local to the host that ran the unit, with microseconds. */
  readonly startTime: string | null;
  readonly endTime: string | null;
  /** Those outputs that were asked for, lossless and still encoded. */
  readonly outputs: JsonObject;
}
