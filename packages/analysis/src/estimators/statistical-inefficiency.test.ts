import { describe, expect, test } from "vitest";
import { goldenRows, isNear } from "../../test/golden.ts";
import { detectEquilibration, statisticalInefficiency, uncorrelatedIndices } from "./statistical-inefficiency.ts";

interface Row {
  name: string;
  series: number[];
  g: number;
  g_fast: number;
  g_mintime: number;
  indices: number[];
  conservative: number[];
  half: number[];
  equilibration: [number, number, number];
  equilibration_exact: [number, number, number];
}

describe("as pymbar.timeseries", () => {
  test.each(goldenRows<Row>("timeseries"))("$name", (row) => {
    expect(isNear(statisticalInefficiency(row.series), row.g)).toBe(true);
    expect(isNear(statisticalInefficiency(row.series, { fast: true }), row.g_fast)).toBe(true);
    expect(isNear(statisticalInefficiency(row.series, { minTime: 10 }), row.g_mintime)).toBe(true);
    expect(uncorrelatedIndices(row.series)).toEqual(row.indices);
    expect(uncorrelatedIndices(row.series, { conservative: true })).toEqual(row.conservative);
    expect(uncorrelatedIndices(row.series, { inefficiency: 2.5 })).toEqual(row.half);
    for (const [options, expected] of [
      [{}, row.equilibration],
      [{ fast: false, skip: 3 }, row.equilibration_exact],
    ] as const) {
      const { start, inefficiency, effectiveSamples } = detectEquilibration(row.series, options);
      expect(start).toBe(expected[0]);
      expect(isNear(inefficiency, expected[1], 1e-6)).toBe(true);
      expect(isNear(effectiveSamples, expected[2], 1e-6)).toBe(true);
    }
  });
});

test("a series that does not vary has no inefficiency, and is equilibrated from the start", () => {
  expect(() => statisticalInefficiency([1, 1, 1])).toThrow(/vary/);
  expect(() => statisticalInefficiency([])).toThrow(/vary/);
  expect(() => statisticalInefficiency([1, Number.NaN, 3])).toThrow(/vary/);
  expect(() => uncorrelatedIndices([1, 2], { inefficiency: 0.5 })).toThrow(/at least 1/);
  expect(detectEquilibration([2, 2, 2])).toEqual({ start: 0, inefficiency: 1, effectiveSamples: 1 });
});
