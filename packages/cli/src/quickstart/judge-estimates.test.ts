import { describe, expect, test } from "vitest";
import { type ComparedEdge, judgeEstimates } from "./judge-estimates.ts";

/** Fifteen edges whose pulls are those given, then zeros. */
function edges(...pulls: number[]): ComparedEdge[] {
  return Array.from({ length: 15 }, (_, index) => ({
    name: `edge ${index}`,
    estimate: 1 + 0.02 * (pulls[index] ?? 0),
    uncertainty: 0.02,
    exact: 1,
  }));
}

describe("agreement of estimates with exact values", () => {
  test("is found where the estimates scatter as their uncertainties say", () => {
    const judgement = judgeEstimates(edges(1, -1, 0.5, -2, 1.5, 0.2, -0.7, 2.4, -1.1, 0.9, -0.4, 1.3, -1.6, 0.1, 0.8));
    expect(judgement.agrees).toBe(true);
    expect(judgement.probability).toBeGreaterThan(0.1);
    expect(judgement.pulls[3]).toBeCloseTo(-2);
  });

  test("is not found where one exact value is wrong", () => {
    const wrong = edges(0.3, -0.5).map((edge, index) => (index === 1 ? { ...edge, exact: edge.exact + 0.2 } : edge));
    const judgement = judgeEstimates(wrong);
    expect(judgement.agrees).toBe(false);
    expect(judgement.objections[0]).toContain("edge 1 is off by 10.5 standard errors");
  });

  test("is not found where every edge is a little off", () => {
    const judgement = judgeEstimates(edges(...Array<number>(15).fill(2)));
    expect(judgement.chiSquare).toBeCloseTo(60);
    expect(judgement.agrees).toBe(false);
    expect(judgement.objections).toHaveLength(1);
  });

  test("is not found where an estimate is missing, has no uncertainty, or where there is nothing to judge", () => {
    expect(judgeEstimates(edges(Number.NaN)).agrees).toBe(false);
    expect(judgeEstimates([{ name: "a", estimate: 1, uncertainty: 0, exact: 1 }]).agrees).toBe(false);
    expect(judgeEstimates([]).agrees).toBe(false);
  });
});
