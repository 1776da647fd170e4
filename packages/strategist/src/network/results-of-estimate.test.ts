import type { TransformationEstimate } from "@alchemiscale/analysis";
import { expect, it } from "vitest";
import { resultsOfEstimate } from "./results-of-estimate.ts";

const estimate: TransformationEstimate = {
  protocol: "RelativeHybridTopologyProtocol",
  method: "mean-of-repeats",
  estimate: -3,
  uncertainty: 0.3,
  uncertaintyKind: "repeat-sd",
  n: 2,
  resultKeys: [],
  perRepeat: [],
  perLeg: [{ leg: null, n: 6, mean: -3, sd: 0.3, error: null, sign: 1 }],
  convergence: [],
  overlap: null,
  flags: [],
};

it("the spread of one result is that of the mean of its repeats", () => {
  expect(resultsOfEstimate(estimate, 4)).toEqual({
    n: 2,
    estimate: -3,
    spread: expect.closeTo(0.3 / Math.sqrt(3)),
    dof: 5,
    gpuHours: 4,
  });
  const legs = [0.3, 0.4].map((sd) => ({ leg: null, n: 2, mean: 0, sd, error: null, sign: 1 as const }));
  expect(resultsOfEstimate({ ...estimate, perLeg: legs }, null)).toMatchObject({ spread: expect.closeTo(0.5), dof: 1 });
});

it("the error of pooled work shrinks with results; a single repeat says nothing", () => {
  const pooled = resultsOfEstimate({ ...estimate, uncertaintyKind: "bootstrap", n: 4, uncertainty: 0.1 }, null);
  expect(pooled).toMatchObject({ spread: expect.closeTo(0.2), dof: 40 });
  const perLeg = [{ leg: null, n: 1, mean: 0, sd: 0, error: 0.1, sign: 1 as const }];
  expect(resultsOfEstimate({ ...estimate, n: 1, uncertainty: 0, perLeg }, null)).toMatchObject({ spread: null, dof: 0 });
});
