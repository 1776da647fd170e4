import { mbar } from "@alchemiscale/analysis";
import { numberRowsAt, numbersAt, objectAt, wholeCase } from "./table-cases.ts";

/** What `analysis mbar` prints of samples, in kT. Matrices are lists of rows. */
export interface MbarOutput {
  /** `df[i][j]` = f_j − f_i, and its asymptotic error. */
  readonly df: readonly (readonly number[])[];
  /** null where it is infinite: nothing connects the states. */
  readonly ddf: readonly (readonly (number | null)[])[];
  readonly overlap_scalar: number;
  readonly overlap_matrix: readonly (readonly number[])[];
}

/** MBAR of `N_k` samples of each state with reduced energies `u_kn`. @throws {InvalidInput} @throws {OverlapError} */
export function mbarOf(value: unknown): MbarOutput {
  const fields = objectAt(value, wholeCase);
  const counts = numbersAt(fields, "N_k");
  const { differences, errors, overlap } = mbar(numberRowsAt(fields, "u_kn"), counts);
  const ddf = errors.map((row) => row.map((error) => (Number.isFinite(error) ? error : null)));
  return { df: differences, ddf, overlap_scalar: overlap.scalar, overlap_matrix: overlap.matrix };
}
