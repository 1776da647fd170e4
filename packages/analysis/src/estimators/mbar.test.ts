import { describe, expect, test } from "vitest";
import { goldenRows, isNear } from "../../test/golden.ts";
import { bar } from "./bar.ts";
import { mbar } from "./mbar.ts";

interface Row {
  name: string;
  N_k: number[];
  u_kn: number[][];
  df: number[][];
  ddf: number[][];
  overlap_scalar: number;
  overlap_matrix: number[][];
}

function expectMatrix(found: readonly (readonly number[])[], expected: number[][], relative: number): void {
  expect(found.length).toBe(expected.length);
  for (const [i, row] of expected.entries())
    for (const [j, value] of row.entries()) {
      const other = found[i]?.[j] ?? Number.NaN;
      if (!isNear(other, value, relative)) expect(other, `[${i}][${j}]`).toBe(value);
    }
}

describe("golden: pymbar's MBAR", () => {
  test.each(goldenRows<Row>("mbar"))("$name", (row) => {
    const found = mbar(row.u_kn, row.N_k);
    expectMatrix(found.differences, row.df, 1e-9);
    expectMatrix(found.errors, row.ddf, 1e-6);
    expectMatrix(found.overlap.matrix, row.overlap_matrix, 1e-9);
    expect(isNear(found.overlap.scalar, row.overlap_scalar)).toBe(true);
  });
});

test("two states are BAR", () => {
  const forward = [1.2, 0.8, 2.1, 1.5, 0.95];
  const reverse = [-0.3, -0.9, 0.2];
  const zeros = (count: number) => new Array<number>(count).fill(0);
  const two = mbar(
    [
      [...zeros(5), ...reverse],
      [...forward, ...zeros(3)],
    ],
    [5, 3],
  );
  const expected = bar(forward, reverse);
  expect(isNear(two.differences[0]?.[1] ?? 0, expected.difference)).toBe(true);
  expect(isNear(two.errors[0]?.[1] ?? 0, expected.mbarError, 1e-6)).toBe(true);
  expect(isNear(two.overlap.scalar, expected.overlap)).toBe(true);
});

test("of states that nothing connects, the error of the difference is infinite, and only of these", () => {
  // States 0 and 1 share their samples; no sample of theirs is possible in state 2, nor the other way round.
  const near = [0.1, 0.4, 0.2, 0.9];
  const far = [5000, 5001, 5003, 5002];
  const { errors } = mbar(
    [
      [...near, ...near, ...far],
      [...near.map((u) => 2 * u), ...near.map((u) => 1.5 * u), ...far],
      [...far, ...far, ...near],
    ],
    [4, 4, 4],
  );
  expect(errors[0]?.[1]).toBeGreaterThan(0);
  expect(errors[0]?.[1]).toBeLessThan(1);
  expect([errors[0]?.[2], errors[1]?.[2], errors[2]?.[0]]).toEqual([Infinity, Infinity, Infinity]);
});

test("a large offset between states costs no digits", () => {
  const { u_kn, N_k, df } = goldenRows<Row>("mbar")[1] as Row;
  const offsets = [0, 500, -300, 2000, 40];
  const shifted = mbar(
    u_kn.map((row, k) => row.map((u) => u + (offsets[k] ?? 0))),
    N_k,
  );
  for (const [k, offset] of offsets.entries()) {
    expect((shifted.differences[0]?.[k] ?? 0) - offset).toBeCloseTo(df[0]?.[k] ?? 0, 8);
  }
});

test.each([
  [[], []],
  [[[1, 2]], [3]],
  [
    [[1], [2, 3]],
    [1, 1],
  ],
  [[[1, Number.NaN]], [2]],
  [[[1]], [0]],
  [[[1]], [-1]],
])("what is no set of states is refused: %j %j", (reduced, counts) => {
  expect(() => mbar(reduced, counts)).toThrow(/u_kn|N_k/);
});
