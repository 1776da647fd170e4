import { readdirSync, readFileSync } from "node:fs";
import { array, assert, double, integer, property, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { isNear } from "../../test/golden.ts";
import { randomNetwork } from "../../test/random-network.ts";
import { InvalidInput } from "../invalid-input.ts";
import { measurementDiagnostics } from "./measurement-diagnostics.ts";
import type { NetworkMeasurement } from "./network-measurement.ts";
import { ligandValue, pairDifference, relativeTo } from "./pair-difference.ts";
import { shiftToExperiment } from "./shift-to-experiment.ts";
import { type NetworkComponent, solveNetwork } from "./solve-network.ts";

interface Golden {
  edges: { a: string; b: string; ddg: number; sigma: number }[];
  mle?: { ligand_order: string[]; value: number[]; sigma: number[]; covariance: number[][] };
  pairs?: [string, string, number, number][];
}

const fixtures = new URL("../../test/fixtures/", import.meta.url);
const goldens = readdirSync(fixtures)
  .filter((name) => name.startsWith("network-"))
  .map((name) => ({ name, golden: JSON.parse(readFileSync(new URL(name, fixtures), "utf8")) as Golden }));

const measured = (from: string | null, to: string, value: number, sigma: number): NetworkMeasurement => ({
  from,
  to,
  value,
  sigma,
});
const only = (measurements: readonly NetworkMeasurement[]): NetworkComponent => {
  const { components } = solveNetwork(measurements);
  expect(components).toHaveLength(1);
  return components[0] as NetworkComponent;
};
const expectClose = (found: ArrayLike<number>, expected: readonly number[], digits = 6) => {
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, digits);
};

describe("golden networks of cinnabar", () => {
  test.each(goldens.filter(({ golden }) => golden.mle !== undefined))("$name", ({ name, golden: { edges, mle, pairs } }) => {
    const { ligand_order = [], value = [], sigma = [], covariance = [] } = mle ?? {};
    const relative = name.includes("wide-sigma") ? 1e-6 : 1e-9;
    const [component] = solveNetwork(
      edges.map(({ a, b, ddg, sigma: own }) => measured(a, b, ddg, own)),
      { ligands: ligand_order },
    ).components as [NetworkComponent];
    for (const [i, row] of covariance.entries()) {
      const own = ligandValue(component, i);
      expect(isNear(own.value, value[i] as number, relative) && isNear(own.sigma, sigma[i] as number, relative)).toBe(true);
      for (const [j, each] of row.entries())
        expect(isNear(component.covariance[i * row.length + j] as number, each, relative)).toBe(true);
    }
    for (const [a, b, difference, error] of pairs ?? []) {
      const own = pairDifference(component, ligand_order.indexOf(a), ligand_order.indexOf(b));
      expect(isNear(own.value, difference, relative) && isNear(own.sigma, error, relative)).toBe(true);
    }
  });
});

describe("the worked example", () => {
  const edges = [
    measured("A", "B", 1, 0.2),
    measured("B", "C", 0.5, 0.1),
    measured("A", "C", 1.8, 0.4),
    measured("C", "D", -0.7, 0.3),
  ];

  test("values, χ², degrees of freedom, leverages and residuals", () => {
    const component = only(edges);
    expectClose(component.values, [-0.875, 0.182142857, 0.696428571, -0.003571429]);
    expect(component.chi2).toBeCloseTo(0.428571, 6);
    expect(component.degreesOfFreedom).toBe(1);
    const diagnostics = measurementDiagnostics({ components: [component] }, edges);
    expectClose(
      diagnostics.map((each) => each?.leverage ?? NaN),
      [0.809524, 0.952381, 0.238095, 1],
    );
    expect(diagnostics[3]).toMatchObject({ standardized: null, deleted: null, influence: null });
  });

  test("relative to a ligand instead of the mean", () => {
    const values = relativeTo(only(edges), 0);
    expectClose(
      values.map(({ value }) => value),
      [0, 1.057142857, 1.571428571, 0.871428571],
    );
    expectClose(
      values.map(({ sigma }) => sigma),
      [0, 0.179947, 0.19518, 0.357904],
    );
  });

  test("shifted to experiment", () => {
    const experiment = new Map([
      ["A", -9],
      ["B", -8.2],
      ["C", -7.1],
      ["D", -8.4],
    ]);
    const shifted = shiftToExperiment(only(edges), experiment);
    expectClose(shifted?.values ?? [], [-9.05, -7.992857, -7.478571, -8.178571]);
    expect(shiftToExperiment(only(edges), new Map([["X", 1]]))).toBeNull();
  });

  test("absolute values anchor it", () => {
    const component = only([...edges, measured(null, "A", -9, 0.5), measured(null, "D", -8, 0.5)]);
    expect(component.reference).toBe("absolute");
    expectClose(component.values, [-8.948825, -7.885444, -7.369598, -8.051175]);
    expectClose(
      component.ligands.map((_, i) => ligandValue(component, i).sigma),
      [0.387934, 0.396402, 0.394907, 0.387934],
    );
  });

  test("parallel and antiparallel measurements are averaged by 1/σ²", () => {
    const component = only([measured("A", "B", 1, 0.2), measured("B", "A", -1.4, 0.1)]);
    expectClose(component.values, [-0.66, 0.66]);
    const { value, sigma } = pairDifference(component, 0, 1);
    expect(value).toBeCloseTo(1.32, 12);
    expect(sigma).toBeCloseTo(0.089443, 6);
  });
});

test("only absolute values are passed through", () => {
  const component = only([measured(null, "A", -9, 0.5), measured(null, "B", -7, 0.25)]);
  expectClose(component.values, [-9, -7], 14);
  expectClose(component.covariance, [0.25, 0, 0, 0.0625], 14);
});

test("σ eight decades apart keep their digits", () => {
  const component = only([
    measured("A", "B", 1, 1e-8),
    measured("B", "C", 2, 1),
    measured("C", "D", 1, 0.5),
    measured("D", "A", -3.5, 0.5),
  ]);
  expect(pairDifference(component, 1, 2).value).toBeCloseTo(5 / 3, 7);
  expect(pairDifference(component, 0, 1).value).toBeCloseTo(1, 12);
});

test("parts have a gauge each, a ligand without measurement is alone, and one against itself says nothing", () => {
  const { components } = solveNetwork([measured("A", "B", 1, 0.1), measured("C", "D", 2, 0.1), measured("A", "A", 5, 0)], {
    ligands: ["E", "D", "C", "B", "A"],
  });
  expect(components.map(({ ligands }) => ligands)).toEqual([["E"], ["D", "C"], ["B", "A"]]);
  expect([...(components[0]?.values ?? [])]).toEqual([0]);
  expect(components[0]?.covariance[0]).toBeNaN();
  expectClose(components[1]?.values ?? [], [1, -1]);
});

test.each([
  [measured("A", "B", NaN, 0.1), "measurements[0].value is NaN"],
  [measured("A", "B", 1, 0), "measurements[0].sigma is 0; maximum likelihood needs"],
  [measured("A", "B", 1, Infinity), "measurements[0].sigma is Infinity"],
])("what cannot be measured is refused: %#", (measurement, message) => {
  expect(() => solveNetwork([measurement])).toThrow(message);
  expect(() => solveNetwork([measurement])).toThrow(InvalidInput);
});

describe("properties of any network", () => {
  const network = tuple(integer({ min: 2, max: 12 }), integer({ min: 0, max: 12 }), integer()).map(([ligands, more, seed]) =>
    randomNetwork({ ligands, edges: ligands - 1 + more, seed: String(seed) }),
  );

  test("F C F = F, f = C z, and rows of C add up to 0: C is the pseudo-inverse", () => {
    assert(
      property(network, (measurements) => {
        const { ligands, values, covariance } = only(measurements);
        const n = ligands.length;
        const fisher = new Float64Array(n * n);
        const z = new Float64Array(n);
        for (const { from, to, value, sigma } of measurements) {
          const [a, b, w] = [ligands.indexOf(from as string), ligands.indexOf(to), 1 / sigma ** 2];
          for (const [i, j, sign] of [
            [a, a, 1],
            [b, b, 1],
            [a, b, -1],
            [b, a, -1],
          ] as const)
            fisher[i * n + j] = (fisher[i * n + j] ?? 0) + sign * w;
          z[a] = (z[a] ?? 0) - value * w;
          z[b] = (z[b] ?? 0) + value * w;
        }
        const times = (p: Float64Array, q: Float64Array, columns: number): Float64Array =>
          Float64Array.from({ length: n * columns }, (_, at) => {
            let sum = 0;
            for (let k = 0; k < n; k += 1)
              sum += (p[Math.floor(at / columns) * n + k] ?? 0) * (q[k * columns + (at % columns)] ?? 0);
            return sum;
          });
        const near = (found: Float64Array, expected: Float64Array): boolean => {
          const size = Math.max(...expected.map(Math.abs));
          return found.every((each, i) => Math.abs(each - (expected[i] ?? 0)) <= 1e-9 * size);
        };
        const rows = Float64Array.from({ length: n }, (_, i) =>
          covariance.slice(i * n, (i + 1) * n).reduce((sum, each) => sum + each, 0),
        );
        return (
          near(times(times(fisher, covariance, n), fisher, n), fisher) &&
          near(times(covariance, z, 1), values) &&
          rows.every((sum) => Math.abs(sum) < 1e-9)
        );
      }),
    );
  });

  test("without a measurement f changes as its diagnostics say", () => {
    assert(
      property(network, integer({ min: 0, max: 40 }), (measurements, pick) => {
        const at = pick % measurements.length;
        const component = only(measurements);
        const own = measurementDiagnostics({ components: [component] }, measurements)[at];
        const without = solveNetwork(
          measurements.filter((_, i) => i !== at),
          { ligands: component.ligands },
        );
        if (own === null || own === undefined || own.influence === null) return without.components.length === 2;
        const [rest] = without.components as [NetworkComponent];
        const change = (ligand: string): number => {
          const place = component.ligands.indexOf(ligand);
          return (rest.values[place] as number) - (component.values[place] as number);
        };
        const most = Math.max(...component.ligands.map((ligand) => Math.abs(change(ligand))));
        const { from, to, value } = measurements[at] as NetworkMeasurement;
        const others = pairDifference(rest, component.ligands.indexOf(from as string), component.ligands.indexOf(to));
        return (
          Math.abs(change(own.influence.ligand) - own.influence.change) < 1e-9 * Math.max(1, most) &&
          Math.abs(most - Math.abs(own.influence.change)) < 1e-9 * Math.max(1, most) &&
          Math.abs((own.deleted ?? NaN) - (value - others.value)) < 1e-7 * Math.max(1, Math.abs(value))
        );
      }),
    );
  });

  test("the direction of a measurement does not matter", () => {
    assert(
      property(
        network,
        array(double({ min: -1, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 }),
        (measurements, turns) => {
          const turned = measurements.map((each, i) =>
            (turns[i % turns.length] ?? 0) < 0 ? measured(each.to, each.from as string, -each.value, each.sigma) : each,
          );
          const [one] = solveNetwork(measurements).components as [NetworkComponent];
          const [other] = solveNetwork(turned, { ligands: one.ligands }).components as [NetworkComponent];
          return one.values.every(
            (value, i) => Math.abs(value - (other.values[i] ?? NaN)) < 1e-12 * Math.max(1, Math.abs(value)) * 100,
          );
        },
      ),
    );
  });
});

test("1,000 ligands and 2,000 measurements are solved with covariance in time", () => {
  const network = randomNetwork({ ligands: 1000, edges: 2000, seed: "large" });
  const begun = process.cpuUsage();
  const component = only(network);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6).toBeLessThan(2);
  expect(component.chi2 / component.degreesOfFreedom).toBeGreaterThan(0.8);
  expect(component.chi2 / component.degreesOfFreedom).toBeLessThan(1.2);
});
