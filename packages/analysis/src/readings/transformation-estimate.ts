import type { Flag } from "./flag.ts";
import type { Convergence } from "./result-reading.ts";

/** How the numbers of an estimate were made. */
export type EstimateMethod =
  /** Mean over repeats; legs are averaged separately and combined. */
  | "mean-of-repeats"
  /** Bennett's acceptance ratio on the work of all results together. */
  | "bar"
  /** By the Python class of the protocol. */
  | "python"
  /** The protocol gives no free energy. */
  | "none";

export type UncertaintyKind =
  /** Sample standard deviation over repeats (n − 1), legs in quadrature: does not shrink with more repeats, and is 0 for one. */
  | "repeat-sd"
  /** Standard deviation of BAR over 1000 bootstrap replicates. */
  | "bootstrap"
  /** Asymptotic error of BAR. */
  | "asymptotic"
  /** Made elsewhere, by the Python class. */
  | "python";

/** What is known of one Transformation from its results: a pure function of their readings, whatever their order. kcal/mol. */
export interface TransformationEstimate {
  readonly protocol: string;
  readonly method: EstimateMethod;
  /** null where it cannot be made; the flags say why. */
  readonly estimate: number | null;
  readonly uncertainty: number | null;
  readonly uncertaintyKind: UncertaintyKind;
  /** Results (ok, readable, not counted twice) that the estimate was made from. */
  readonly n: number;
  /** Their gufe keys, sorted. */
  readonly resultKeys: readonly string[];
  /** By leg, then result key, then as written. For protocols that switch: one for each result, of its work alone. */
  readonly perRepeat: readonly RepeatEstimate[];
  /** In the protocol's order of legs. */
  readonly perLeg: readonly LegEstimate[];
  readonly convergence: readonly RepeatConvergence[];
  /** The lowest scalar overlap of all repeats; null where none was recorded. */
  readonly overlap: number | null;
  readonly flags: readonly Flag[];
}

/** One repeat of one leg, corrections included. */
export interface RepeatEstimate {
  readonly resultKey: string;
  readonly leg: string | null;
  readonly repeatId: string;
  readonly generation: number;
  readonly estimate: number;
  /** MBAR error, or BAR's asymptotic error; null where it was not recorded. */
  readonly error: number | null;
  readonly overlap: number | null;
}

export interface LegEstimate {
  readonly leg: string | null;
  /** Repeats; for protocols that switch, results. */
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1), 0 for one repeat. */
  readonly sd: number;
  /** √(mean of the squared MBAR errors); null where one of them was not recorded. */
  readonly error: number | null;
  /** +1 or −1: with this sign the leg enters the estimate. */
  readonly sign: 1 | -1;
}

/** How the estimate of one repeat changes with the samples used. */
export interface RepeatConvergence {
  readonly resultKey: string;
  readonly leg: string | null;
  readonly repeatId: string;
  readonly data: Convergence;
}

/** What is known where nothing is. */
export function noEstimate(protocol: string): TransformationEstimate {
  return {
    protocol,
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
    flags: [],
  };
}
