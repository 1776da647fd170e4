/**
 * What a person should know about an estimate or a result, most of which the Python libraries pass over in silence.
 *
 * - `failed-unit`: attempts that failed in a result that is ok; they are left out (feflow would raise)
 * - `repeated-generation`: several results of one repeat and leg; only the lowest generation counts, the others are not used
 * - `missing-leg`, `missing-repeats`: nothing to make an estimate of, for one leg or at all; `unequal-repeats`: legs with different numbers
 * - `missing-estimate`, `missing-correction`, `missing-simtype`: a unit without a value that the estimate needs; the repeat is left out
 * - `not-finite`: a value that is NaN or infinite; left out
 * - `legacy-layout`: written by an older openfe; the current one reads no estimate from it
 * - `unit-conversion`: energies that were not in kcal/mol and were converted
 * - `other-simtype`: a simtype that is not the leg's own name
 * - `missing-convergence`: convergence data that could not be read, or hold values where MBAR failed
 * - `missing-overlap`: overlap that could not be read; `poor-overlap`: neighbouring states overlap below 0.03, where estimates are not reliable
 * - `one-repeat`: the uncertainty is 0 only because there is one repeat
 * - `unequal-work`: numbers of forward and reverse work values differ
 * - `missing-work`: a cycle without work values; left out
 * - `duplicate-seed`: results that hold the same numbers; counted once
 * - `mixed-temperatures`: results at different temperatures; no estimate
 * - `default-temperature`: no temperature in the settings; the protocol's default is used
 * - `no-overlap`: forward and reverse work do not overlap; no estimate
 * - `unreadable-result`: a result that could not be read; left out. `unknown-protocol`: no reader for it here
 * - `python-problem`: what the Python class of a protocol without a reader gives is no energy, or it raised an error
 * - `other-protocol`: a reading of another protocol; left out
 */
export type FlagCode =
  | "failed-unit"
  | "repeated-generation"
  | "missing-leg"
  | "missing-repeats"
  | "unequal-repeats"
  | "missing-estimate"
  | "missing-correction"
  | "missing-simtype"
  | "not-finite"
  | "legacy-layout"
  | "unit-conversion"
  | "other-simtype"
  | "missing-convergence"
  | "missing-overlap"
  | "poor-overlap"
  | "one-repeat"
  | "unequal-work"
  | "missing-work"
  | "duplicate-seed"
  | "mixed-temperatures"
  | "default-temperature"
  | "no-overlap"
  | "unreadable-result"
  | "unknown-protocol"
  | "python-problem"
  | "other-protocol";

/** One sentence for a person under a code for a program. */
export interface Flag {
  readonly code: FlagCode;
  readonly message: string;
}
