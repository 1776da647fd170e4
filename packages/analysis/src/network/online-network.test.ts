import { array, assert, constant, constantFrom, double, integer, nat, oneof, property, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { randomNetwork } from "../../test/random-network.ts";
import { InvalidInput } from "../invalid-input.ts";
import type { NetworkMeasurement } from "./network-measurement.ts";
import { OnlineNetwork } from "./online-network.ts";
import { type NetworkComponent, type NetworkSolution, solveNetwork } from "./solve-network.ts";

/** Where two solutions differ by more than 1e-9 of a component's values or variances, whatever the order of ligands. */
function differences(found: NetworkSolution, expected: NetworkSolution): string[] {
  const byLigands = ({ components }: NetworkSolution) =>
    new Map(components.map((component) => [[...component.ligands].sort().join(" "), component]));
  const own = byLigands(found);
  const all = byLigands(expected);
  if ([...own.keys()].sort().join() !== [...all.keys()].sort().join()) return ["components"];
  return [...all].flatMap(([key, component]) => componentDifferences(own.get(key) as NetworkComponent, component));
}

function componentDifferences(found: NetworkComponent, expected: NetworkComponent): string[] {
  if (found.reference !== expected.reference) return ["reference"];
  if (found.degreesOfFreedom !== expected.degreesOfFreedom) return ["degrees of freedom"];
  const count = expected.ligands.length;
  const place = expected.ligands.map((ligand) => found.ligands.indexOf(ligand));
  const size = Math.max(1, ...expected.values.map(Math.abs));
  const faults: string[] = [];
  if (Math.abs(found.chi2 - expected.chi2) > 1e-6 * Math.max(1, expected.chi2))
    faults.push(`chi2 ${found.chi2} ${expected.chi2}`);
  for (let i = 0; i < count; i += 1) {
    const value = found.values[place[i] as number] as number;
    if (Math.abs(value - (expected.values[i] as number)) > 1e-9 * size) faults.push(`value ${value} ${expected.values[i]}`);
    for (let j = 0; j < count; j += 1) {
      const own = found.covariance[(place[i] as number) * count + (place[j] as number)] as number;
      const other = expected.covariance[i * count + j] as number;
      const scale = Math.sqrt(
        (expected.covariance[i * (count + 1)] as number) * (expected.covariance[j * (count + 1)] as number),
      );
      if (Number.isNaN(other) ? !Number.isNaN(own) : !(Math.abs(own - other) <= 1e-9 * scale))
        faults.push(`covariance ${own} ${other}`);
    }
  }
  return faults;
}

describe("a solution that is updated is the one that is solved at once", () => {
  const ligand = constantFrom("A", "B", "C", "D", "E", "F", "G");
  const measurement = tuple(
    oneof({ weight: 9, arbitrary: ligand }, { weight: 1, arbitrary: constant(null) }),
    ligand,
    double({ min: -10, max: 10, noNaN: true }),
    double({ min: 0.05, max: 2, noNaN: true }),
  ).map(([from, to, value, sigma]): NetworkMeasurement => ({ from, to, value, sigma }));
  const change = tuple(nat(11), oneof({ weight: 3, arbitrary: measurement }, { weight: 1, arbitrary: constant(null) }));

  test("after any changes: new, replaced and removed measurements, joined and divided components, absolute values", () => {
    assert(
      property(array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const online = new OnlineNetwork();
        const measurements = new Map<string, NetworkMeasurement>();
        const ligands = new Set<string>();
        for (const [id, measured] of changes) {
          online.set(String(id), measured);
          if (measured === null) measurements.delete(String(id));
          else {
            measurements.set(String(id), measured);
            for (const each of [measured.from, measured.to]) if (each !== null) ligands.add(each);
          }
        }
        const expected = solveNetwork([...measurements.values()], { ligands: [...ligands] });
        expect(differences(online.solution, expected)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("after thousands of changes of σ over two decades", () => {
    const network = randomNetwork({ ligands: 40, edges: 80, seed: "drift" });
    const online = new OnlineNetwork(network.map((each, i) => [String(i), each]));
    assert(
      property(
        array(tuple(integer({ min: 0, max: 79 }), double({ min: 0.01, max: 1, noNaN: true })), {
          minLength: 1000,
          maxLength: 1000,
        }),
        (changes) => {
          const now = [...network];
          for (const [at, sigma] of changes) {
            now[at] = { ...(now[at] as NetworkMeasurement), sigma };
            online.set(String(at), now[at] as NetworkMeasurement);
          }
          // Those of earlier runs are put back.
          for (const [i, each] of now.entries()) online.set(String(i), each);
          expect(differences(online.solution, solveNetwork(now))).toEqual([]);
        },
      ),
      { numRuns: 5 },
    );
  });
});

test("a new result in a network of 1,000 ligands and 2,000 edges is quick", () => {
  const network = randomNetwork({ ligands: 1000, edges: 2000, seed: "large" });
  const online = new OnlineNetwork(network.map((each, i) => [String(i), each]));
  const times: number[] = [];
  const since = (begun: NodeJS.CpuUsage): number => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
  for (let i = 0; i < 20; i += 1) {
    const begun = process.cpuUsage();
    online.set(String(i * 7), { ...(network[i * 7] as NetworkMeasurement), value: i });
    times.push(since(begun));
  }
  const begun = process.cpuUsage();
  online.set("new", { from: "L5", to: "new ligand", value: 1, sigma: 0.3 });
  times.push(since(begun));
  // Milliseconds of processor time.
  expect(times.sort((a, b) => a - b)[10]).toBeLessThan(50);
});

test("a σ of 0 is refused, by id, and changes nothing", () => {
  const online = new OnlineNetwork([["edge", { from: "A", to: "B", value: 1, sigma: 0.1 }]]);
  expect(() => online.set("edge", { from: "A", to: "B", value: 1, sigma: 0 })).toThrow(
    new InvalidInput(
      "edge.sigma",
      "is 0; maximum likelihood needs a σ above 0 for every measurement (give a floor, or leave the measurement out)",
    ),
  );
  expect(online.solution.components[0]?.values).toEqual(Float64Array.of(-0.5, 0.5));
});
