import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  combineMembers,
  type NetworkResults,
  noResults,
  resolveWeights,
  type StrategyEdge,
  type StrategyNetwork,
  stackOfOne,
  strategies,
} from "../index.ts";
import { connectivityStrategy } from "./connectivity.ts";
import { criticalityStrategy } from "./criticality.ts";
import { cycleClosureStrategy } from "./cycle-closure.ts";
import { mappingScoreStrategy } from "./mapping-score.ts";
import { uncertaintyStrategy } from "./uncertainty.ts";

type Leg = "complex" | "solvent" | "vacuum" | "whole";

function edgeOf(from: number, to: number, leg: Leg = "solvent", more: Partial<StrategyEdge> = {}): StrategyEdge {
  return {
    key: `${leg}-${from}-${to}`,
    stateA: `${leg} ${from}`,
    stateB: `${leg} ${to}`,
    ligands: { from: `ligand ${from}`, to: `ligand ${to}`, leg },
    score: null,
    gpuHours: null,
    blocked: false,
    ...more,
  };
}

function networkOf(edges: readonly StrategyEdge[]): StrategyNetwork {
  return { systems: [...new Set(edges.flatMap(({ stateA, stateB }) => [stateA, stateB]))], edges };
}

function resultsOf(entries: Record<string, { n: number; estimate?: number; spread?: number }>): NetworkResults {
  return new Map(
    Object.entries(entries).map(([key, { n, estimate = 0, spread }]) => [
      key,
      { ...noResults, n, estimate, spread: spread ?? null, dof: spread === undefined ? 0 : n - 1 },
    ]),
  );
}

const campaign = fc
  .array(
    fc.record({
      from: fc.integer({ min: 0, max: 6 }),
      to: fc.integer({ min: 0, max: 6 }),
      leg: fc.constantFrom<Leg>("complex", "solvent"),
      gpuHours: fc.double({ min: 0.5, max: 9, noNaN: true }),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      n: fc.integer({ min: 0, max: 4 }),
      estimate: fc.double({ min: -5, max: 5, noNaN: true }),
      spread: fc.double({ min: 0.05, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) => {
    const unique = [...new Map(rows.map((row) => [`${row.leg}-${row.from}-${row.to}`, row])).values()];
    const network = networkOf(unique.map(({ from, to, leg, gpuHours, score }) => edgeOf(from, to, leg, { gpuHours, score })));
    const given = unique.filter(({ n }) => n > 0).map((row) => [`${row.leg}-${row.from}-${row.to}`, row] as const);
    return { network, results: resultsOf(Object.fromEntries(given)) };
  });

const configured = strategies.map((strategy) => [strategy.qualname, strategy.configure(strategy.defaultSettings)] as const);

describe.each(configured)("%s", (_, strategy) => {
  it("gives finite weights of at least 0 or null, for every Transformation, whatever the order", () => {
    fc.assert(
      fc.property(campaign, ({ network, results }) => {
        const { weights } = strategy.propose(network, results);
        expect([...weights.keys()].sort()).toEqual(network.edges.map(({ key }) => key).sort());
        const resolved = resolveWeights(weights);
        const turned = { systems: network.systems.toReversed(), edges: network.edges.toReversed() };
        const again = resolveWeights(strategy.propose(turned, new Map([...results].reverse())).weights);
        for (const [key, weight] of resolved)
          expect(again.get(key) ?? null).toEqual(weight === null ? null : expect.closeTo(weight, 9));
      }),
      { numRuns: 60 },
    );
  });

  it("does not depend on what ligands and systems are called", () => {
    const renamed = (name: string) => name.replace(/\d/, (digit) => String((Number(digit) * 3 + 2) % 7));
    fc.assert(
      fc.property(campaign, ({ network, results }) => {
        const edges = network.edges.map((edge) => ({
          ...edge,
          stateA: renamed(edge.stateA),
          stateB: renamed(edge.stateB),
          ligands: edge.ligands && { ...edge.ligands, from: renamed(edge.ligands.from ?? ""), to: renamed(edge.ligands.to) },
        }));
        const { weights } = strategy.propose(network, results);
        const others = strategy.propose({ systems: network.systems.map(renamed), edges }, results).weights;
        for (const [key, weight] of weights)
          expect(others.get(key) ?? null).toEqual(weight === null ? null : expect.closeTo(weight, 9));
      }),
      { numRuns: 40 },
    );
  });

  it("ends when what it proposes is done", () => {
    fc.assert(
      fc.property(campaign, ({ network }) => {
        const results = new Map<string, typeof noResults>();
        for (let iteration = 0; iteration < 400; iteration += 1) {
          const open = [...strategy.propose(network, results).weights].filter(([, weight]) => weight !== null);
          if (open.length === 0) return;
          const todo = open.filter(([, weight]) => weight !== null && weight > 0);
          expect(todo.length).toBeGreaterThan(0);
          for (const [key] of todo) {
            const n = (results.get(key) ?? noResults).n + 1;
            results.set(key, { ...noResults, n, estimate: 0, spread: n > 1 ? 0.4 : null, dof: n - 1 });
          }
        }
        expect.unreachable("400 iterations were not enough");
      }),
      { numRuns: 15 },
    );
  });
});

describe("uncertainty", () => {
  /** The example of a network with known gains: A–B, B–C, A–C, C–D. (spec/strategies.md §11.3) */
  const sigmas = { "solvent-0-1": 0.2, "solvent-1-2": 0.1, "solvent-0-2": 0.4, "solvent-2-3": 0.3 };
  const network = networkOf([edgeOf(0, 1), edgeOf(1, 2), edgeOf(0, 2), edgeOf(2, 3)]);
  const results = resultsOf(Object.fromEntries(Object.entries(sigmas).map(([key, spread]) => [key, { n: 1, spread }])));
  const sure = new Map([...results].map(([key, result]) => [key, { ...result, dof: 1e12 }]));

  it("repeats the bridge first, whose gain is the largest, and then what is largest as if it had come", () => {
    const next = (batch: number) => uncertaintyStrategy.configure({ batch, target_error: null }).propose(network, sure).weights;
    expect(Object.fromEntries(next(1))).toEqual({ "solvent-0-1": 0, "solvent-1-2": 0, "solvent-0-2": 0, "solvent-2-3": 1 });
    expect(next(4).get("solvent-2-3")).toBeGreaterThan(1);
    expect(next(4).get("solvent-0-1")).toBeGreaterThan(0);
  });

  it("starts a pair with all of its legs, and repeats the noisier one, or the cheaper one", () => {
    const legs = (gpuHours: [number, number]) =>
      networkOf([edgeOf(0, 1, "complex", { gpuHours: gpuHours[0] }), edgeOf(0, 1, "solvent", { gpuHours: gpuHours[1] })]);
    const strategy = uncertaintyStrategy.configure({ batch: 1, target_error: null });
    expect([...strategy.propose(legs([1, 1]), new Map()).weights.values()]).toEqual([1, 1]);
    const known = resultsOf({ "complex-0-1": { n: 2, spread: 0.6 }, "solvent-0-1": { n: 2, spread: 0.3 } });
    expect([...strategy.propose(legs([1, 1]), known).weights.values()]).toEqual([1, 0]);
    expect([...strategy.propose(legs([90, 1]), known).weights.values()]).toEqual([0, 1]);
  });

  it("is done at the target, and passes over what is blocked", () => {
    const strategy = uncertaintyStrategy.configure({ batch: 1, target_error: 0.25 });
    expect([...strategy.propose(network, sure).weights.values()]).toEqual([null, null, null, null]);
    const blocked = { ...network, edges: network.edges.map((edge) => ({ ...edge, blocked: edge.key === "solvent-2-3" })) };
    const { weights } = uncertaintyStrategy.configure({ batch: 1, target_error: null }).propose(blocked, sure);
    expect(weights.get("solvent-2-3")).toBe(0);
    expect(weights.get("solvent-0-1")).toBe(1);
  });

  it("says the error that there is now, not the one that is planned", () => {
    const why = (batch: number) => uncertaintyStrategy.configure({ batch, target_error: 0.1 }).propose(network, sure).why;
    // √(0.0994048 / 4), the trace of the covariance of the example.
    expect(why(1)).toContain("mean standard error of 0.16 kcal/mol");
    expect(why(30)).toBe(why(1));
  });
});

describe("criticality", () => {
  const triangleWithTail = [edgeOf(0, 1), edgeOf(1, 2), edgeOf(0, 2), edgeOf(2, 3)];

  it("begins with the bridge, goes on with what is at the cut vertex", () => {
    const strategy = criticalityStrategy.configure({});
    const at = (results: NetworkResults) => Object.fromEntries(strategy.propose(networkOf(triangleWithTail), results).weights);
    // Without the bridge, three of the six pairs of ligands are lost.
    expect(at(new Map())).toEqual({ "solvent-0-1": 0, "solvent-1-2": 0, "solvent-0-2": 0, "solvent-2-3": 1.5 });
    const second = at(resultsOf({ "solvent-2-3": { n: 1 } }));
    expect(second).toMatchObject({ "solvent-0-1": 0, "solvent-2-3": 0.75 });
    expect(second["solvent-1-2"]).toBeGreaterThan(0);
  });

  it("merges parallel measurements, and takes what is blocked for lost", () => {
    const twice = networkOf([edgeOf(0, 1), edgeOf(1, 0)]);
    expect(criticalityStrategy.configure({}).propose(twice, new Map()).why).toBe(
      "1 of 1 pairs are bridges, 0 ligands are cut vertices",
    );
    const square = networkOf([edgeOf(0, 1), edgeOf(1, 2), edgeOf(2, 3), edgeOf(0, 3, "solvent", { blocked: true })]);
    expect(criticalityStrategy.configure({}).propose(square, new Map()).why).toBe(
      "3 of 4 pairs are bridges, 2 ligands are cut vertices",
    );
  });
});

it("mapping scores decide what comes first, and null what is too low", () => {
  const network = networkOf([
    edgeOf(0, 1, "solvent", { score: 0.9 }),
    edgeOf(1, 2, "solvent", { score: 0.3 }),
    edgeOf(2, 3, "solvent", { score: 0.05 }),
  ]);
  const strategy = mappingScoreStrategy.configure({ minimum_score: 0.1 });
  expect([...strategy.propose(network, new Map()).weights.values()]).toEqual([0.9, 0, null]);
  expect([...strategy.propose(network, resultsOf({ "solvent-0-1": { n: 2 } })).weights.values()]).toEqual([0.225, 0.3, null]);
});

it("what does not close is repeated", () => {
  const network = networkOf([edgeOf(0, 1), edgeOf(1, 2), edgeOf(0, 2), edgeOf(2, 3)]);
  const strategy = cycleClosureStrategy.configure({});
  const done = (closing: number) =>
    resultsOf({
      "solvent-0-1": { n: 1, estimate: 1 },
      "solvent-1-2": { n: 1, estimate: 0.5 },
      "solvent-0-2": { n: 1, estimate: closing },
      "solvent-2-3": { n: 1, estimate: 2 },
    });
  expect([...strategy.propose(network, done(1.6)).weights.values()]).toEqual([null, null, null, null]);
  const [first, , , last] = [...strategy.propose(network, done(4.5)).weights.values()];
  expect(first).toBeCloseTo((0.5 * 3) / Math.sqrt(3) / 0.5);
  expect(last).toBeNull();
});

describe("stacks", () => {
  const network = networkOf([edgeOf(0, 1), edgeOf(1, 2), edgeOf(2, 3)]);
  const [a, b, c] = network.edges.map(({ key }) => key) as [string, string, string];
  const member = stackOfOne.members[0] as (typeof stackOfOne.members)[0];
  const proposal = (x: number | null, y: number | null, z: number | null) => ({
    weights: new Map([
      [a, x],
      [b, y],
      [c, z],
    ]),
    why: "because",
  });
  const combined = (
    stack: Partial<typeof stackOfOne>,
    proposals: Parameters<typeof combineMembers>[1],
    results: NetworkResults = new Map(),
  ) => [...combineMembers({ ...stackOfOne, ...stack }, proposals, network, results).weights.values()];

  it("add up with their weights after each is normalised", () => {
    const members = [
      { ...member, weight: 0.7 },
      { ...member, weight: 0.3 },
    ];
    const sums = combined({ members }, [proposal(4, 4, null), proposal(0, null, 9)]);
    expect(sums).toEqual([expect.closeTo(0.35), expect.closeTo(0.35), expect.closeTo(0.3)]);
    expect(combined({ members: [member, { ...member, role: "veto" }] }, [proposal(4, 4, null), proposal(0, null, 9)])).toEqual([
      0.5,
      null,
      1,
    ]);
    expect(combined({ members: [member, { ...member, role: "gate" }] }, [proposal(4, 4, null), proposal(1, null, 2)])).toEqual([
      0.25,
      null,
      null,
    ]);
  });

  it("in sequence, the next begins when the one before is done, or all ligands are connected", () => {
    const sequence = { combine: "sequence" as const, members: [member, member] };
    expect(combined(sequence, [proposal(1, 1, 0), proposal(0, 0, 1)])).toEqual([0.5, 0.5, 0]);
    expect(combined(sequence, [proposal(null, null, null), proposal(0, 0, 1)])).toEqual([0, 0, 1]);
    const connected = resultsOf({ [a]: { n: 1 }, [b]: { n: 1 }, [c]: { n: 1 } });
    const until = { combine: "sequence" as const, members: [{ ...member, until: "connected" as const }, member] };
    expect(combined(until, [proposal(1, 1, 0), proposal(0, 0, 1)])).toEqual([0.5, 0.5, 0]);
    expect(combined(until, [proposal(1, 1, 0), proposal(0, 0, 1)], connected)).toEqual([0, 0, 1]);
  });

  it("leave out members that failed or have spent their share, and fail when none is left", () => {
    const members = [{ ...member, maxGpuHours: 10 }, member];
    const spent = new Map([[a, { ...noResults, n: 1, gpuHours: 12 }]]);
    expect(combined({ members }, [proposal(1, 1, 0), proposal(0, 0, 1)], spent)).toEqual([0, 0, 1]);
    expect(combined({ members, maxGpuHours: 11 }, [proposal(1, 1, 0), proposal(0, 0, 1)], spent)).toEqual([null, null, null]);
    expect(combined({ members }, [{ error: "broken" }, proposal(0, 0, 1)])).toEqual([0, 0, 1]);
    expect(() => combined({ members }, [{ error: "broken" }, { error: "too" }])).toThrow("Member 1: broken; Member 2: too");
  });

  it("of one member are that member", () => {
    const { weights, why } = connectivityStrategy.configure({ max_runs: 3 }).propose(network, new Map());
    const alone = combineMembers(stackOfOne, [{ weights, why }], network, new Map());
    expect(alone.weights).toEqual(resolveWeights(weights));
  });
});
