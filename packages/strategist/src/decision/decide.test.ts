import { describe, expect, it } from "vitest";
import { type DecisionInput, decide, type TransformationTasks } from "../index.ts";

const network = { systems: [], edges: [] };
const idle: TransformationTasks = { actioned: [], free: [], hasError: false };

function decided(
  weights: Record<string, number | null>,
  tasks: Record<string, Partial<TransformationTasks>>,
  more: Partial<DecisionInput> = {},
) {
  return decide({
    proposal: { weights: new Map(Object.entries(weights)), why: "because" },
    network,
    results: new Map(),
    tasks: new Map(Object.entries(tasks).map(([key, some]) => [key, { ...idle, ...some }])),
    mode: "full",
    maxTasksPerTransformation: 4,
    scaling: "linear",
    maxGpuHours: null,
    ...more,
  });
}

describe("decide", () => {
  it("tops up with Tasks that exist, running before waiting, then with new ones", () => {
    const free = [
      { task: "w1", status: "waiting" as const },
      { task: "r1", status: "running" as const },
    ];
    const { targets, action, create } = decided(
      { a: 1, b: 1 },
      { a: { free }, b: { actioned: [{ task: "x", status: "running" }] } },
    );
    expect(targets).toEqual({ a: 3, b: 3 });
    expect(action).toEqual([
      { transformation: "a", task: "r1" },
      { transformation: "a", task: "w1" },
    ]);
    expect(create).toEqual([
      { transformation: "a", count: 1 },
      { transformation: "b", count: 2 },
    ]);
  });

  it("at weight 1/2 of at most 4 has 3 with linear, 2 with exponential scaling", () => {
    expect(decided({ a: 1, b: 1 }, {}).targets).toEqual({ a: 3, b: 3 });
    expect(decided({ a: 1, b: 1 }, {}, { scaling: "exponential" }).targets).toEqual({ a: 2, b: 2 });
  });

  const many = [
    { task: "e", status: "error" },
    { task: "r", status: "running" },
    { task: "w1", status: "waiting" },
    { task: "w2", status: "waiting" },
  ];

  it("cancels waiting before running ones, never those in error, and in mode full alone", () => {
    const full = decided({ a: null, b: 1 }, { a: { actioned: many } });
    expect(full.cancel.map(({ task }) => task)).toEqual(["w1", "w2", "r"]);
    const some = decided({ a: 0.01, b: 0.99 }, { a: { actioned: many } });
    expect(some.cancel.map(({ task }) => task)).toEqual(["w1", "w2", "r"]);
    expect(decided({ a: null, b: 1 }, { a: { actioned: many } }, { mode: "partial" }).cancel).toEqual([]);
  });

  it("is dormant when all is null, and in mode full then cancels all, also what is in error", () => {
    const full = decided({ a: null }, { a: { actioned: many } });
    expect(full).toMatchObject({ outcome: "dormant", targets: {}, create: [] });
    expect(full.cancel).toHaveLength(4);
    expect(decided({ a: null }, { a: { actioned: many } }, { mode: "partial" }).cancel).toEqual([]);
    expect(decided({}, {}).outcome).toBe("dormant");
  });

  it("does not go dormant when errors block everything, and says what they block", () => {
    const decision = decided({ a: 1, b: 0 }, { a: { hasError: true }, b: { hasError: true } });
    expect(decision).toMatchObject({ outcome: "awake", blocked: ["a"], targets: { a: 0, b: 0 }, weights: { a: 1, b: 0 } });
    // A strategy that passes over what is blocked gives it 0: that is said, too.
    expect(decision.why.slice(1)).toEqual([
      "1 Transformations get no Tasks, since one of theirs is in error",
      "Without weight, and with a Task in error that would block them: b",
    ]);
  });

  it("keeps targets within the GPU hours that are left, the largest weights first", () => {
    const edge = { stateA: "", stateB: "", ligands: null, score: null, gpuHours: 5, blocked: false };
    const costly = { systems: [], edges: ["a", "b"].map((key) => ({ ...edge, key })) };
    const decision = decided({ a: 0.1, b: 0.9 }, {}, { network: costly, maxGpuHours: 23 });
    expect(decision.targets).toEqual({ a: 0, b: 4 });
    expect(decision.why).toContain("Targets are lowered to stay within 23 GPU hours");
  });
});
