import { expect, test } from "vitest";
import { barOf } from "./bar-case.ts";
import { closureOf } from "./closure-case.ts";
import { convertOf } from "./convert-case.ts";
import { mbarOf } from "./mbar-case.ts";
import { mleOf } from "./mle-case.ts";
import { statisticsOf } from "./statistics-case.ts";

const mle = (value: unknown) => mleOf(value);
const closure = (value: unknown) => closureOf(value, { longest: 5, parallel: "cinnabar" });

test.each([
  [mle, 3, "the case is 3; it must be a JSON object"],
  [mle, {}, "edges is missing; it must be a list"],
  [mle, { edges: [{ a: "A", b: 3 }] }, "edges[0].b is 3; it must be a text"],
  [mle, { edges: [{ a: "A", b: "B", ddg: "1" }] }, 'edges[0].ddg is "1"; it must be a number'],
  [mle, { edges: [{ a: "A", b: "B", ddg: 1, sigma: -1 }] }, "edges[0].sigma is -1; maximum likelihood needs a σ above 0"],
  [mle, { edges: [], absolute: [{ a: "A", dg: 1, sigma: 0 }] }, "absolute[0].sigma is 0"],
  [mle, { edges: [], experiment: { A: null } }, "experiment.A is null; it must be a number"],
  [mle, { edges: [{ a: "A", b: "B", ddg: Infinity, sigma: 1 }] }, "edges[0].ddg is Infinity; it must be a finite number"],
  [mle, { edges: [{ a: "A", b: "B", ddg: 1, sigma: 1e-200 }] }, "edges[0].sigma is 1e-200; its weight"],
  [mle, { edges: [{ a: "A", b: "B", ddg: 1e300, sigma: 1e-10 }] }, "edges have differences or weights"],
  [closure, { edges: [{ a: "A", b: "B", ddg: 1, sigma: -1 }] }, "edges[0].sigma is -1; it must be 0 or above"],
  [statisticsOf, { x: [1, 2], y: [1] }, "y has 1 values, and x has 2"],
  [
    statisticsOf,
    { x: [1], y: [1], bootstrap_indices: [[1]] },
    "bootstrap_indices[0][0] is 1; it must be a whole number from 0 to 0",
  ],
  [convertOf, { from: "kd", to: "dg", value: 1 }, 'from is "kd"; it must be one of dg, ki, ic50, pic50'],
  [convertOf, { from: "ki", to: "dg", value: 0 }, "value is 0; a concentration in nM must be above 0"],
  [convertOf, { from: "dg", to: "ki", value: 0, unit: "joule" }, 'unit is "joule"; dg is given in kilocalorie_per_mole'],
  [convertOf, { from: "dg", to: "ki", value: 1e6 }, "value is 1000000; as ki it is too large for a number"],
  [barOf, { w_F: [], w_R: [1] }, "w_F is empty"],
  [barOf, { w_F: [1], w_R: [1], bootstrap_indices: [[2]] }, "bootstrap_indices[0][0] is 2"],
  [barOf, { w_F: [1], w_R: [1, 2], bootstrap_indices: [[0]] }, "w_F has 1 values and w_R 2"],
  [mbarOf, { N_k: [1, 1], u_kn: [[0, 0]] }, "u_kn has 1 rows for 2 states"],
])("what is wrong with a case is named %#", (compute, value, message) => {
  expect(() => compute(value)).toThrow(message);
});

test("a ligand with an absolute value anchors its network", () => {
  const { components } = mleOf({
    edges: [
      { a: "A", b: "B", ddg: 1, sigma: 0.2 },
      { a: "B", b: "C", ddg: 0.5, sigma: 0.1 },
      { a: "A", b: "C", ddg: 1.8, sigma: 0.4 },
      { a: "C", b: "D", ddg: -0.7, sigma: 0.3 },
    ],
    absolute: [
      { a: "A", dg: -9, sigma: 0.5 },
      { a: "D", dg: -8, sigma: 0.5 },
    ],
  });
  expect(components[0]?.reference).toBe("absolute");
  for (const [i, expected] of [-8.948825, -7.885444, -7.369598, -8.051175].entries())
    expect(components[0]?.value[i]).toBeCloseTo(expected, 6);
  for (const [i, expected] of [0.387934, 0.396402, 0.394907, 0.387934].entries())
    expect(components[0]?.sigma[i]).toBeCloseTo(expected, 6);
});

test("bootstrap of BAR on resamples that are given", () => {
  const { bootstrap } = barOf({
    w_F: [1.2, 0.8, 2.1, 1.5, 0.95],
    w_R: [-0.3, -0.9, 0.2, -0.5, -0.7],
    bootstrap_indices: [
      [0, 1, 2, 2, 4],
      [3, 3, 1, 0, 4],
      [4, 2, 0, 1, 1],
    ],
  });
  for (const [i, expected] of [0.855939625, 0.883559434, 0.839968828].entries())
    expect(bootstrap?.df[i]).toBeCloseTo(expected, 8);
  expect(bootstrap?.stderr).toBeCloseTo(0.01800636, 8);
});
