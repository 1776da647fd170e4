import { bar, bootstrapBar, exponentialAverage, InvalidInput } from "@alchemiscale/analysis";
import { numberRowsAt, numbersAt, objectAt, wholeCase } from "./table-cases.ts";

interface EstimateOutput {
  readonly df: number;
  /** null where it is infinite: the directions do not overlap. */
  readonly ddf: number | null;
}

/** What `analysis bar` prints of work in both directions, in kT. */
export interface BarOutput {
  /** BAR with Bennett's error, and with MBAR's. */
  readonly bar_BAR: EstimateOutput;
  readonly bar_MBAR: EstimateOutput;
  /** Exponential averages of one direction each; `exp_R` is of 1 → 0. */
  readonly exp_F: EstimateOutput;
  readonly exp_R: EstimateOutput;
  readonly overlap: number;
  /** Where `bootstrap_indices` are given: BAR of each resample, their mean and deviation (divisor n). */
  readonly bootstrap?: { readonly df: readonly number[]; readonly mean: number; readonly stderr: number };
}

/** BAR of the work values `w_F` and `w_R`. @throws {InvalidInput} */
export function barOf(value: unknown): BarOutput {
  const fields = objectAt(value, wholeCase);
  const forward = workAt(fields, "w_F");
  const reverse = workAt(fields, "w_R");
  const { difference, barError, mbarError, overlap } = bar(forward, reverse);
  const output = {
    bar_BAR: { df: difference, ddf: finite(barError) },
    bar_MBAR: { df: difference, ddf: finite(mbarError) },
    exp_F: exponential(forward),
    exp_R: exponential(reverse),
    overlap,
  };
  if (fields.bootstrap_indices === undefined) return output;
  const { replicates, mean, deviation } = bootstrapBar(forward, reverse, indicesAt(fields, forward.length, reverse.length));
  return { ...output, bootstrap: { df: [...replicates], mean, stderr: deviation } };
}

function workAt(fields: { readonly [name: string]: unknown }, name: string): number[] {
  const work = numbersAt(fields, name);
  if (work.length === 0) throw new InvalidInput(name, "is empty; BAR needs work of both directions");
  return work;
}

function indicesAt(fields: { readonly [name: string]: unknown }, forward: number, reverse: number): number[][] {
  if (forward !== reverse)
    throw new InvalidInput(
      "bootstrap_indices",
      `draw from both directions at once, but w_F has ${forward} values and w_R ${reverse}`,
    );
  const sets = numberRowsAt(fields, "bootstrap_indices");
  for (const [i, indices] of sets.entries()) {
    for (const [j, index] of indices.entries()) {
      if (!Number.isInteger(index) || index < 0 || index >= forward)
        throw new InvalidInput(
          `bootstrap_indices[${i}][${j}]`,
          `is ${index}; it must be a whole number from 0 to ${forward - 1}`,
        );
    }
  }
  return sets;
}

function exponential(work: readonly number[]): EstimateOutput {
  const { difference, error } = exponentialAverage(work);
  return { df: difference, ddf: finite(error) };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
