import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chiSquareSurvival } from "./chi-square.ts";

/** For an even number of degrees 2m the survival function is a Poisson sum: e^-h Σ h^k / k!, k < m, h = value/2. */
function poissonSum(value: number, degrees: number): number {
  const half = value / 2;
  let term = Math.exp(-half);
  let sum = 0;
  for (let k = 0; k < degrees / 2; k += 1) {
    sum += term;
    term *= half / (k + 1);
  }
  return sum;
}

describe("survival function of chi-square", () => {
  test("has the critical values of the tables", () => {
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4, with more digits.
    expect(chiSquareSurvival(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
    expect(chiSquareSurvival(10.827566170662733, 1)).toBeCloseTo(0.001, 12);
    expect(chiSquareSurvival(18.307038053275146, 10)).toBeCloseTo(0.05, 12);
    expect(chiSquareSurvival(7.814727903251179, 3)).toBeCloseTo(0.05, 12);
    expect(chiSquareSurvival(124.34211340400407, 100)).toBeCloseTo(0.05, 11);
  });

  test("is the Poisson sum for even degrees of freedom, also far in the tail", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 600, noNaN: true }), (half, value) => {
        const exact = poissonSum(value, 2 * half);
        const found = chiSquareSurvival(value, 2 * half);
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(1e-10 * exact + 1e-15);
      }),
    );
  });

  test("falls from one to nothing, and grows with the degrees of freedom", () => {
    expect(chiSquareSurvival(0, 5)).toBe(1);
    expect(chiSquareSurvival(Infinity, 5)).toBe(0);
    expect(chiSquareSurvival(8, 5)).toBeLessThan(chiSquareSurvival(8, 6));
  });

  test("refuses what is no chi-square", () => {
    expect(() => chiSquareSurvival(-1, 3)).toThrow(RangeError);
    expect(() => chiSquareSurvival(Number.NaN, 3)).toThrow(RangeError);
    expect(() => chiSquareSurvival(1, 0)).toThrow(RangeError);
  });
});
