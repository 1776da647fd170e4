import { assert, integer, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { randomNetwork } from "../../test/random-network.ts";
import { cycleClosure, type MeasuredDifference } from "./cycle-closure.ts";

const measured = (from: string, to: string, value: number, sigma: number): MeasuredDifference => ({ from, to, value, sigma });
const triangle = [
  measured("A", "B", 1, 0.2),
  measured("B", "C", 0.5, 0.1),
  measured("A", "C", 1.8, 0.4),
  measured("C", "D", -0.7, 0.3),
];

test("a triangle closes to the sum of its differences; what is in no cycle is in no list", () => {
  const { cycles, edges } = cycleClosure(triangle);
  expect(cycles).toHaveLength(1);
  expect(cycles[0]?.ligands).toEqual(["A", "B", "C"]);
  expect(cycles[0]?.closure).toBeCloseTo(0.3, 12);
  expect(cycles[0]?.perEdge).toBeCloseTo(0.173205, 6);
  expect(cycles[0]?.normalized).toBeCloseTo(0.654654, 6);
  expect(edges.map(({ ligands }) => ligands)).toEqual([
    ["A", "B"],
    ["B", "C"],
    ["A", "C"],
  ]);
});

test("several measurements of a pair are averaged, or one is taken as cinnabar does", () => {
  const parallel = [...triangle, measured("B", "A", -1.4, 0.1)];
  // (1/0.04 + 1.4/0.01)/(1/0.04 + 1/0.01) = 1.32
  expect(cycleClosure(parallel).cycles[0]?.closure).toBeCloseTo(Math.abs(1.32 + 0.5 - 1.8), 12);
  expect(cycleClosure(parallel).cycles[0]?.normalized).toBeCloseTo(0.02 / Math.sqrt(0.008 + 0.01 + 0.16), 9);
  expect(cycleClosure(parallel, { parallel: "cinnabar" }).cycles[0]?.closure).toBeCloseTo(0.3, 12);
  expect(cycleClosure([...triangle, measured("A", "B", 1.1, 0)]).cycles[0]?.closure).toBeCloseTo(0.2, 12);
});

test("with both directions measured, cinnabar's figure does not depend on which was listed first", () => {
  const both = [
    measured("C", "B", -1.4, 0.1),
    measured("B", "C", 1, 0.2),
    measured("A", "B", 0.5, 0.1),
    measured("A", "C", 1.8, 0.4),
  ];
  for (const differences of [both, both.toReversed()]) {
    const [cycle] = cycleClosure(differences, { parallel: "cinnabar" }).cycles;
    expect(cycle?.ligands).toEqual(["A", "B", "C"]);
    // cinnabar 0.6.1 with networkx 3.6.1.
    expect(cycle?.closure).toBeCloseTo(0.30000000000000004, 12);
    expect(cycle?.normalized).toBeCloseTo(0.6546536707079772, 12);
  }
});

test("a ligand against itself is a cycle for cinnabar alone", () => {
  const withSelf = [...triangle, measured("A", "A", 0.2, 0.1)];
  expect(cycleClosure(withSelf).cycles).toHaveLength(1);
  expect(cycleClosure(withSelf, { parallel: "cinnabar" }).cycles.map(({ ligands }) => ligands)).toEqual([["A", "B", "C"], ["A"]]);
});

test("σ of 0 leave nothing to divide by", () => {
  expect(cycleClosure(triangle.map((each) => ({ ...each, sigma: 0 }))).cycles[0]?.normalized).toBeNull();
});

test("a complete graph has as many cycles as counting says, none longer than allowed", () => {
  const names = ["A", "B", "C", "D", "E", "F"];
  const complete = names.flatMap((from, i) => names.slice(i + 1).map((to) => measured(from, to, 0, 1)));
  // n!/((n − k)! 2k) cycles of length k: 20, 45, 72, 60.
  for (const [longest, count] of [
    [3, 20],
    [4, 65],
    [5, 137],
    [6, 197],
  ] as const)
    expect(cycleClosure(complete, { longest }).cycles).toHaveLength(count);
});

test("measurements of one truth close, whatever the network", () => {
  assert(
    property(tuple(integer({ min: 3, max: 10 }), integer({ min: 1, max: 12 }), integer()), ([ligands, more, seed]) => {
      const differences = randomNetwork({ ligands, edges: ligands - 1 + more, seed: String(seed) }).map(({ from, to, sigma }) =>
        measured(from as string, to, Number(to.slice(1)) - Number(from?.slice(1)), sigma),
      );
      return cycleClosure(differences).cycles.every(({ closure }) => closure < 1e-9);
    }),
  );
});

test("what is no measurement is refused", () => {
  expect(() => cycleClosure([measured("A", "B", NaN, 1)])).toThrow("differences[0].value is NaN");
  expect(() => cycleClosure([measured("A", "B", 1, -1)])).toThrow("differences[0].sigma is -1");
});
