/** What the state store keeps of a Transformation's results together, as JSON: all that its estimate and those of its networks are told from. */
import type { EstimateOfRepeats, TransformationEstimate } from "@alchemiscale/analysis";

export interface TransformationDocument {
  readonly estimate: Omit<TransformationEstimate, "convergence">;
  /** Results by their keys, whether ok or not. */
  readonly results: readonly ResultFigures[];
  /** Why Tasks failed: the last line of the traceback, and how many results or attempts ended so; the most frequent first. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  readonly unreadable: readonly { readonly result: string; readonly code: string; readonly message: string }[];
  /** SHA-256 of the readings that it was made from, and of the versions of their readers. */
  readonly digest: string;
}

/** What networks need of it: of thousands of Transformations at once, so in few characters. */
export interface TransformationBrief {
  readonly estimate: EstimateOfRepeats & Pick<TransformationEstimate, "n">;
  /** Codes. */
  readonly flags: readonly string[];
  readonly succeeded: number;
  readonly failed: number;
  readonly unreadable: number;
  /** Of results that are ok. */
  readonly costs: readonly Pick<ResultFigures, "hardware" | "seconds">[];
}

/** What a result cost. */
export interface ResultFigures {
  readonly result: string;
  readonly ok: boolean;
  /** Wall time, from the first start of a unit to the last end; null where none says it. */
  readonly seconds: number | null;
  /** What it was computed on, where the compute service said so. */
  readonly hardware: string | null;
}
