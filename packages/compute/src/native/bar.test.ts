import { describe, expect, test } from "vitest";
import { bar, NoEstimate } from "./bar.ts";

/** Differences and errors by pymbar 4.0.3 (uncertainty method BAR). */
const reference = [
  {
    name: "five each",
    forward: [1.2, 0.8, 2.1, 1.5, 0.95],
    reverse: [-0.3, -0.9, 0.2, -0.5, -0.7],
    difference: 0.8703671562266911,
    error: 0.1514559851491958,
  },
  {
    name: "unequal numbers",
    forward: [1.2, 0.8, 2.1, 1.5, 0.95],
    reverse: [-0.3, -0.9, 0.2],
    difference: 0.8935680740983469,
    error: 0.18558431458230054,
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

  test("of huge work neither overflows nor gives up", () => {
    expect(bar([2000, 2001], [-1999, -1998]).difference).toBeGreaterThan(1990);
    expect(bar([-2000], [5000]).difference).toBeCloseTo(-3500, 6);
  });

  test.each([
    [[], [1]],
    [[1], []],
    [[Number.NaN], [1]],
    [[1], [Number.POSITIVE_INFINITY]],
  ])("%o and %o give an error, never a number", (forward, reverse) => {
    expect(() => bar(forward, reverse)).toThrow(NoEstimate);
  });
});
