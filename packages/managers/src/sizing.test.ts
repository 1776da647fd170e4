import { expect, test } from "vitest";
import { saturation, servicesWanted } from "./sizing.ts";

test.each([
  [7, 0, 50, 20, 1, 7],
  [90, 6, 8, 20, 1, 2],
  [90, 0, 50, 24, 6, 4],
  [1, 0, 50, 20, 4, 1],
  [90, 8, 8, 20, 1, 0],
  [0, 0, 50, 20, 1, 0],
  [5, 9, 8, 20, 1, 0],
])(
  "%i Tasks, %i services of %i, %i a cycle, %i claimed at once: %i",
  (tasks, active, maxServices, maxPerCycle, claimLimit, wanted) => {
    expect(servicesWanted({ tasks, active, maxServices, maxPerCycle, claimLimit })).toBe(wanted);
  },
);

test("saturation never exceeds 1", () => {
  expect(saturation(2, 8)).toBe(0.25);
  expect(saturation(9, 8)).toBe(1);
});
