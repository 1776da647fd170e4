import { expect, test } from "vitest";
import { forwardReverse } from "./forward-reverse.ts";

test("takes ever more samples from the beginning, and from the end", () => {
  const asked: [number, number][] = [];
  const { fractions, forward, reverse } = forwardReverse(
    20,
    (from, to) => {
      asked.push([from, to]);
      return { value: to - from, error: from };
    },
    4,
  );
  expect(fractions).toEqual([0.25, 0.5, 0.75, 1]);
  expect(forward).toEqual([5, 10, 15, 20]);
  expect(reverse).toEqual([5, 10, 15, 20]);
  expect(asked).toContainEqual([0, 5]);
  expect(asked).toContainEqual([15, 20]);
});

test("parts without samples, without an estimate or with one that is not finite are null", () => {
  const { forward, forwardError } = forwardReverse(3, (from, to) => (to - from === 1 ? null : { value: Number.NaN, error: 1 }));
  expect(forward).toEqual(new Array(10).fill(null));
  expect(forwardError.at(0)).toBeNull();
  expect(forwardError.at(-1)).toBe(1);
});
