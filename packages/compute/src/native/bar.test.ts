import { describe, expect, test } from "vitest";
import { bar, OverlapError } from "./bar.ts";

/** Differences and errors by pymbar 4.0.3 (uncertainty method MBAR, the larger of its two). */
const reference = [
  {
    name: "five each",
    forward: [1.2, 0.8, 2.1, 1.5, 0.95],
    reverse: [-0.3, -0.9, 0.2, -0.5, -0.7],
    difference: 0.8703671562266911,
    error: 0.18391720229764524,
  },
  {
    name: "unequal numbers",
    forward: [1.2, 0.8, 2.1, 1.5, 0.95],
    reverse: [-0.3, -0.9, 0.2],
    difference: 0.8935680740983469,
    error: 0.2259952534791827,
  },
];

describe("BAR", () => {
  test.each(reference)("agrees with a reference implementation: $name", ({ forward, reverse, difference, error }) => {
    const estimate = bar(forward, reverse);
    expect(estimate.difference).toBeCloseTo(difference, 9);
    expect(estimate.error).toBeCloseTo(error, 9);
  });

  test("of one value each is their mean with opposite signs", () => {
    expect(bar([1.5], [-0.5]).difference).toBeCloseTo(1, 12);
  });

  test("of wells that differ by their offset alone has no error", () => {
    expect(bar([2.5, 2.5], [-2.5, -2.5, -2.5])).toEqual({ difference: 2.5, error: 0 });
    expect(bar([1e-17, -1e-17], [0, 0]).error).toBe(0);
  });

  test("of large work that overlaps does not overflow", () => {
    expect(bar([2000, 2001], [-1999, -2000.5]).difference).toBeCloseTo(2000, 0);
  });

  test("without any overlap is an error, never a number", () => {
    expect(() => bar([2000], [5000])).toThrow(/do not overlap/);
  });

  test.each([
    [[], [1]],
    [[1], []],
    [[Number.NaN], [1]],
    [[1], [Number.POSITIVE_INFINITY]],
  ])("%o and %o give an error, never a number", (forward, reverse) => {
    expect(() => bar(forward, reverse)).toThrow(OverlapError);
  });
});
