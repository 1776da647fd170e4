import { readFileSync } from "node:fs";
import { type AlchemicalNetworkView, ChainViews, sliceKeyedChain } from "@alchemiscale/gufe";
import { describe, expect, test } from "vitest";
import { oneTransformation, quantity, settingsModel } from "../../test/one-transformation.ts";
import { RandomStream } from "../random/random-stream.ts";
import { type CostFeatures, costFeatures } from "./cost-features.ts";
import { CostModel, type FinishedTask } from "./cost-model.ts";

const speeds: Readonly<Record<string, number>> = { "NVIDIA A100": 1, "NVIDIA H100": 0.55, "NVIDIA T4": 4 };
const kinds: Readonly<Record<string, number>> = { "Relative/complex": 6, "Relative/solvent": 1.5, "Septop/complex": 9 };

const hoursOf = ({ kind, atoms, nanoseconds }: CostFeatures, hardware: string): number =>
  (kinds[kind] ?? 1) * (speeds[hardware] ?? 1) * ((atoms ?? 3000) / 3000) ** 0.9 * ((nanoseconds ?? 100) / 100);

/** Tasks of a campaign whose truth is known; `noise` is the spread of ln(hours). */
function campaign(count: number, noise: number, seed: string): FinishedTask[] {
  const random = RandomStream.of(seed);
  const pick = (values: readonly string[]) => values[random.below(values.length)] as string;
  return Array.from({ length: count }, () => {
    const features = {
      kind: pick(Object.keys(kinds)),
      atoms: 1000 + random.below(6000),
      nanoseconds: pick(["50", "165", "300"]),
    };
    const known: CostFeatures = { ...features, nanoseconds: Number(features.nanoseconds) };
    const hardware = pick(Object.keys(speeds));
    return { features: known, hardware, hours: hoursOf(known, hardware) * Math.exp(noise * random.normal()) };
  });
}

const unseenSize: CostFeatures = { kind: "Relative/complex", atoms: 4000, nanoseconds: 200 };

test("with nothing to learn from there is no estimate", () => {
  const model = new CostModel();
  expect(model.count).toBe(0);
  expect(model.task(unseenSize)).toBeNull();
  expect(model.network([])).toBeNull();
});

test("a campaign teaches kinds, hardware, size and time", () => {
  const model = new CostModel(campaign(200, 0.1, "teach"));
  for (const hardware of Object.keys(speeds)) {
    const { hours, low, high, unseen } = model.task(unseenSize, hardware) ?? { hours: NaN, low: NaN, high: NaN, unseen: ["?"] };
    const truth = hoursOf(unseenSize, hardware);
    expect(Math.abs(hours / truth - 1)).toBeLessThan(0.1);
    expect(low).toBeLessThan(truth);
    expect(high).toBeGreaterThan(truth);
    expect(high / low).toBeLessThan(1.6);
    expect(unseen).toEqual([]);
  }
});

test("nine of ten intervals hold the truth, with few Tasks and with many", () => {
  for (const count of [5, 20, 100]) {
    let held = 0;
    const trials = 300;
    for (let i = 0; i < trials; i += 1) {
      const [next, ...tasks] = campaign(count + 1, 0.25, `${count} ${i}`) as [FinishedTask, ...FinishedTask[]];
      const { low, high } = new CostModel(tasks).task(next.features, next.hardware ?? "") ?? { low: NaN, high: NaN };
      if (low <= next.hours && next.hours <= high) held += 1;
    }
    expect(held / trials).toBeGreaterThan(0.83);
    expect(held / trials).toBeLessThanOrEqual(1);
  }
});

test("what was never seen is named, and makes the interval wide", () => {
  const model = new CostModel(campaign(100, 0.1, "unseen"));
  const known = model.task(unseenSize, "NVIDIA A100");
  const other = model.task({ ...unseenSize, kind: "Other/complex" }, "NVIDIA B200");
  expect(other?.unseen).toEqual(["kind Other/complex", "hardware NVIDIA B200"]);
  const width = ({ low, high }: { low: number; high: number }) => Math.log(high / low);
  expect(width(other ?? { low: 1, high: 1 })).toBeGreaterThan(4 * width(known ?? { low: 1, high: 1e9 }));
});

describe("a network", () => {
  const model = new CostModel(campaign(100, 0.2, "network"));
  const wanted = Array.from({ length: 50 }, (_, i) => ({
    features: { kind: i % 2 === 0 ? "Relative/complex" : "Relative/solvent", atoms: 2500 + 20 * i, nanoseconds: 165 },
    wanted: 3,
    existing: i % 4,
  }));

  test("costs what its missing results will, and results that exist cost nothing more", () => {
    const cost = model.network(wanted, "NVIDIA A100");
    const truth = wanted.reduce(
      (sum, { features, existing }) => sum + Math.max(0, 3 - existing) * hoursOf(features, "NVIDIA A100"),
      0,
    );
    expect(cost?.tasks).toBe(wanted.reduce((sum, { existing }) => sum + Math.max(0, 3 - existing), 0));
    expect(Math.abs((cost?.hours ?? NaN) / truth - 1)).toBeLessThan(0.15);
    expect(cost?.low).toBeLessThan(truth);
    expect(cost?.high).toBeGreaterThan(truth);
    expect(model.network(wanted.map((each) => ({ ...each, existing: 3 })))).toMatchObject({
      tasks: 0,
      hours: 0,
      low: 0,
      high: 0,
    });
  });

  test("is known better than its Tasks, but not as if they were independent", () => {
    const relative = (cost: { low: number; high: number } | null) => Math.log((cost?.high ?? NaN) / (cost?.low ?? NaN));
    const one = relative(model.task(unseenSize, "NVIDIA A100"));
    const many = relative(model.network(wanted, "NVIDIA A100"));
    const unseen = relative(model.network(wanted, "NVIDIA B200"));
    expect(many).toBeLessThan(one);
    // An unknown GPU is unknown for all of them.
    expect(unseen).toBeGreaterThan(2);
  });
});

test("without hardware named it is a mixture as so far", () => {
  const tasks = campaign(50, 0.1, "mixture").filter(({ hardware }) => hardware === "NVIDIA T4");
  const model = new CostModel(tasks);
  expect(model.hardware).toEqual(["NVIDIA T4"]);
  expect(model.task(unseenSize)?.hours).toBeCloseTo(model.task(unseenSize, "NVIDIA T4")?.hours ?? NaN, 12);
  expect(new CostModel([{ ...(tasks[0] as FinishedTask), hardware: null }]).hardware).toEqual(["unknown"]);
});

test("a Task that took no time is refused", () => {
  expect(() => new CostModel([{ features: unseenSize, hours: 0, hardware: null }])).toThrow(
    "hours is 0; a finished Task took more than 0",
  );
});

describe("features of a Transformation", () => {
  test("atoms of the larger state, kind, and no time where settings do not tell", () => {
    const text = readFileSync(new URL("../../../gufe/test/fixtures/objects/network/mixed/chain.json", import.meta.url), "utf8");
    const chain = sliceKeyedChain(text);
    const network = new ChainViews(chain).get(chain.root.key) as AlchemicalNetworkView;
    const features = network.edges.map(costFeatures);
    const complex = features.find(({ kind }) => kind.endsWith("/complex"));
    const solvent = features.find(({ kind }) => kind === "DummyProtocol/solvent");
    expect(complex?.kind).toBe("ToyProtocol/complex");
    expect(complex?.atoms).toBeGreaterThan(solvent?.atoms ?? Infinity);
    expect(solvent).toMatchObject({ nanoseconds: null });
  });

  const featuresWith = (settings: object): CostFeatures => costFeatures(oneTransformation({ settings: settingsModel(settings) }));

  test("time of openfe's protocols: all models, replicas and repeats", () => {
    const simulation = settingsModel({
      production_length: quantity(5, "nanosecond"),
      equilibration_length: quantity(1000, "picosecond"),
      n_replicas: 11,
    });
    const equilibration = settingsModel({
      production_length: quantity(0.5, "nanosecond"),
      equilibration_length: quantity(0.25, "nanosecond"),
    });
    const { nanoseconds } = featuresWith({ protocol_repeats: 3, simulation_settings: simulation, other: equilibration, x: null });
    expect(nanoseconds).toBeCloseTo(3 * (6 * 11 + 0.75), 9);
  });

  test("time of non-equilibrium cycling: both directions of every cycle", () => {
    const integrator = settingsModel({
      timestep: quantity(4, "femtosecond"),
      equilibrium_steps: 12_500,
      nonequilibrium_steps: 12_500,
    });
    expect(featuresWith({ num_cycles: 100, integrator_settings: integrator }).nanoseconds).toBeCloseTo(20, 9);
  });
});
