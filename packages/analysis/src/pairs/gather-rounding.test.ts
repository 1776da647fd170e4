import { expect, test } from "vitest";
import { gatherRounding } from "./gather-rounding.ts";

/** As `format_estimate_uncertainty` of openfecli 1.12 gives them. */
test.each([
  [-0.891077, 0.064825, 1, "-0.89", "0.06"],
  [0.023341, 0.145625, 1, "0.0", "0.1"],
  [12.3456, 2.34, 1, "12.0", "2.0"],
  [12.3456, 2.34, 2, "12.3", "2.3"],
  [3.3, 0, 1, "3.3", "0.0"],
  [3.3, 0, 2, "3.3", "0.0"],
  [-0.04, 0.3, 1, "-0.0", "0.3"],
  [1234.5, 150.5, 1, "1200.0", "200.0"],
  [0.5, 1, 1, "0.0", "1.0"],
  [2.5, 9.99, 1, "2.0", "10.0"],
  [-6.5, 0.0312, 2, "-6.500", "0.031"],
])("%s ± %s with %s digits is %s ± %s", (value, uncertainty, digits, shownValue, shownUncertainty) => {
  expect(gatherRounding(value, uncertainty, digits)).toEqual([shownValue, shownUncertainty]);
});
