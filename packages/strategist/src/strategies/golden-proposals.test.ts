import { describe, expect, it } from "vitest";
import { goldenNetwork, goldenStrategy, goldenTable, networkNames, type ProposalRow } from "../../test/golden.ts";
import {
  findStrategy,
  InvalidStrategySettings,
  InvalidWeight,
  resolveWeights,
  strategies,
  strategyFromChain,
  weightsToCounts,
} from "../index.ts";
import { resultsFromTable } from "../network/results-from-table.ts";

describe.each(networkNames)("proposals on %s", (name) => {
  it("are those of the Python library", () => {
    const network = goldenNetwork(name);
    for (const row of goldenTable<{ rows: ProposalRow[] }>(name).rows) {
      const chain = goldenStrategy(row.strategy);
      expect(chain.root.key).toBe(row.strategy_key);
      const { weights } = strategyFromChain(chain)?.propose(network, resultsFromTable(row.results)) ?? {};
      const raw = row.raw ?? row.order_free?.raw ?? row.raw_every_edge;
      if (raw === undefined) {
        expect(row.network).toBe("parallel");
        continue;
      }
      expectSame(weights, raw);
      const resolved = row.resolved ?? row.order_free?.resolved;
      if (resolved !== undefined) expectSame(resolveWeights(weights ?? new Map()), resolved);
    }
  });
});

it("resolve as the Python library does, but 0 where it divides by zero and an error for negative weights", () => {
  interface Row {
    weights: Record<string, number | null>;
    resolved?: Record<string, number | null>;
  }
  for (const { weights, resolved } of goldenTable<{ rows: Row[] }>("resolve").rows) {
    const given = new Map(Object.entries(weights));
    if ([...given.values()].some((weight) => weight !== null && weight < 0)) {
      expect(() => resolveWeights(given)).toThrow(InvalidWeight);
    } else expectSame(resolveWeights(given), resolved ?? weights);
  }
});

it("shares become counts as in the Python server", () => {
  interface Table {
    weights: (number | null)[];
    rows: { max_tasks: number; scaling: "linear" | "exponential"; counts: number[] }[];
  }
  const { weights, rows } = goldenTable<Table>("task_counts");
  const given = new Map(weights.map((weight, i) => [String(i), weight]));
  for (const { max_tasks, scaling, counts } of rows) {
    expect([...weightsToCounts(given, max_tasks, scaling).values()]).toEqual(counts);
  }
});

it("settings are taken or refused as by the Python classes", () => {
  interface Row {
    class: string;
    input: Record<string, number | string | boolean | null>;
    accepted?: Record<string, unknown>;
  }
  for (const row of goldenTable<{ rows: Row[] }>("settings").rows) {
    const strategy = strategies.find(({ settingsClass }) => settingsClass === row.class);
    const input = Object.fromEntries(Object.entries(row.input).map(([name, value]) => [name, notFinite(value)]));
    if (row.accepted === undefined)
      expect(() => strategy?.configure(input), JSON.stringify(row)).toThrow(InvalidStrategySettings);
    else {
      const { __class__, __module__, ":is_custom:": _, ...fields } = row.accepted;
      const expected = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, notFinite(value as number)]));
      expect({ ...strategy?.configure(input).settings }).toEqual(expected);
    }
  }
});

it("only the exact class runs here", () => {
  const { module, qualname } = strategies[0] ?? { module: "", qualname: "" };
  expect(findStrategy({ module, qualname, version: 1 })).toBe(strategies[0]);
  expect(findStrategy({ module, qualname, version: 2 })).toBeUndefined();
  expect(findStrategy({ module: "elsewhere", qualname, version: 1 })).toBeUndefined();
});

/** The table has texts for what JSON has no number for. */
function notFinite<T>(value: T): T | number {
  if (value === "NaN") return Number.NaN;
  return value === "Infinity" ? Number.POSITIVE_INFINITY : value;
}

function expectSame(actual: ReadonlyMap<string, number | null> | undefined, expected: Record<string, number | null>): void {
  expect([...(actual?.keys() ?? [])].sort()).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    const own = actual?.get(key) ?? null;
    if (value === null || own === null) expect(own).toBe(value);
    else expect(Math.abs(own - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
  }
}
