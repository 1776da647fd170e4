import { array as arrayOf, assert as check, constant, double, oneof, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { goldenRows, isNear } from "../../test/golden.ts";
import { InvalidInput } from "../invalid-input.ts";
import { RandomStream } from "../random/random-stream.ts";
import { resamples } from "../random/resamples.ts";
import { bar } from "./bar.ts";
import { bootstrapBar, bootstrapBarUnpaired } from "./bootstrap.ts";
import { exponentialAverage } from "./exponential-average.ts";

interface Estimate {
  df: number;
  ddf: number | null;
}
interface Row {
  name: string;
  w_F: number[];
  w_R: number[];
  bar_BAR: Estimate;
  bar_MBAR: Estimate;
  exp_F: Estimate;
  exp_R: Estimate;
  overlap?: number;
}

const near = (found: number, expected: number | null | undefined) => {
  if (expected === null || expected === undefined) return;
  if (!isNear(found, expected)) expect(found).toBe(expected);
};

describe("golden: pymbar's bar and exp", () => {
  test.each(goldenRows<Row>("bar"))("$name", ({ w_F, w_R, bar_BAR, bar_MBAR, exp_F, exp_R, overlap }) => {
    const found = bar(w_F, w_R);
    near(found.difference, bar_BAR.df);
    near(found.barError, bar_BAR.ddf);
    near(found.mbarError, bar_MBAR.ddf);
    near(found.overlap, overlap);
    for (const [work, expected] of [[w_F, exp_F] as const, [w_R, exp_R] as const]) {
      const average = exponentialAverage(work);
      near(average.difference, expected.df);
      near(average.error, expected.ddf);
    }
  });
});

describe("the worked example of five cycles", () => {
  const forward = [1.2, 0.8, 2.1, 1.5, 0.95];
  const reverse = [-0.3, -0.9, 0.2, -0.5, -0.7];

  test("bootstrap with given indices", () => {
    const sets = [
      [0, 1, 2, 2, 4],
      [3, 3, 1, 0, 4],
      [4, 2, 0, 1, 1],
    ];
    const { replicates, deviation } = bootstrapBar(forward, reverse, sets);
    for (const [i, expected] of [0.855939625, 0.883559434, 0.839968828].entries()) expect(replicates[i]).toBeCloseTo(expected, 8);
    expect(deviation).toBeCloseTo(0.01800636, 8);
  });

  test("a seeded bootstrap gives the same each time", () => {
    const run = () => bootstrapBar(forward, reverse, resamples(RandomStream.of("seed"), 5, 1000)).deviation;
    expect(run()).toBe(run());
    expect(run()).toBeGreaterThan(0.02);
    expect(run()).toBeLessThan(0.4);
  });

  test("resamples that overlap nowhere, or whose exponentials overflow, are those of BAR itself", () => {
    for (const [f, r] of [
      [
        [2000, 2001],
        [5000, 5001],
      ],
      [
        [2000, 2001],
        [-1999, -2000.5],
      ],
    ] as const) {
      const { replicates } = bootstrapBar(f, r, [
        [0, 0],
        [1, 1],
      ]);
      for (const i of [0, 1]) expect(replicates[i]).toBeCloseTo(bar([f[i] ?? 0], [r[i] ?? 0]).difference, 9);
    }
  });

  test("directions with different numbers of values are resampled on their own", () => {
    const { replicates, deviation } = bootstrapBarUnpaired(forward, reverse.slice(0, 3), RandomStream.of("seed"), 200);
    expect(replicates.length).toBe(200);
    expect(deviation).toBeGreaterThan(0.05);
  });
});

describe("edge cases", () => {
  test("one value each: half the difference", () => {
    expect(bar([1.5], [-0.5]).difference).toBe(1);
    expect(bar([3.1], [-2.2]).difference).toBeCloseTo(2.65, 12);
  });

  test("states that differ by an offset alone have no error", () => {
    const { difference, barError, mbarError } = bar([2.5, 2.5], [-2.5, -2.5, -2.5]);
    expect(difference).toBeCloseTo(2.5, 14);
    expect(barError).toBeLessThan(1e-7);
    expect(mbarError).toBeLessThan(1e-7);
  });

  test("large work does not overflow", () => {
    expect(bar([2000, 2001], [-1999, -2000.5]).difference).toBeCloseTo(2000, 0);
    expect(Number.isFinite(bar([2000, 2001], [-1999, -2000.5]).mbarError)).toBe(true);
  });

  test("no overlap at all shows in MBAR's error, never as a difference of 0 ± 0", () => {
    const { difference, mbarError, overlap } = bar([2000], [5000]);
    expect(difference).toBeCloseTo(-1500, 6);
    expect(mbarError).toBe(Number.POSITIVE_INFINITY);
    expect(overlap).toBeCloseTo(0, 12);
  });

  test.each([
    [[], [1]],
    [[1], []],
    [[Number.NaN], [1]],
    [[1], [Number.POSITIVE_INFINITY]],
  ])("%o and %o are refused", (forward, reverse) => {
    expect(() => bar(forward, reverse)).toThrow(InvalidInput);
  });
});

describe("properties", () => {
  const work = arrayOf(double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 30 });
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

  test("exchanging the directions changes the sign, and nothing else", () => {
    check(
      property(work, work, (forward, reverse) => {
        const [there, back] = [bar(forward, reverse), bar(reverse, forward)];
        const [variance, varianceBack] = [there.mbarError ** 2, back.mbarError ** 2];
        // Where the states hardly overlap, a large variance is one over the small rest of numbers close to 1: that rest is what can be equal.
        return (
          close(there.difference, -back.difference) &&
          (close(variance, varianceBack) || Math.abs(1 / variance - 1 / varianceBack) <= 1e-12)
        );
      }),
    );
  });

  test("a shift of the energy of one state shifts the difference", () => {
    check(
      property(work, work, oneof(double({ min: -500, max: 500, noNaN: true }), constant(3000)), (forward, reverse, shift) => {
        const shifted = bar(
          forward.map((w) => w + shift),
          reverse.map((w) => w - shift),
        );
        return Math.abs(shifted.difference - bar(forward, reverse).difference - shift) <= 1e-9 * Math.max(1, Math.abs(shift));
      }),
    );
  });

  test("repeating all values changes nothing but the errors", () => {
    check(
      property(work, work, (forward, reverse) =>
        close(bar([...forward, ...forward], [...reverse, ...reverse]).difference, bar(forward, reverse).difference),
      ),
    );
  });
});
