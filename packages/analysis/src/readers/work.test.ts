import { existsSync, readFileSync } from "node:fs";
import { ProtocolView, type SettingsView, sliceKeyedChain, viewOf } from "@alchemiscale/gufe";
import { compressZstd, nodeZstd } from "@alchemiscale/gufe/zstd";
import { describe, expect, test } from "vitest";
import { array, resultText, type TestUnit } from "../../test/result-text.ts";
import { bar } from "../estimators/bar.ts";
import { estimateTransformation } from "../readings/estimate-transformation.ts";
import { readResult } from "../readings/read-result.ts";
import { gasConstant } from "../units/gas-constant.ts";
import { harmonicBar } from "./harmonic-switching.ts";

const zstd = nodeZstd();
const forward = [1.2, 0.8, 2.1, 1.5, 0.95];
const reverse = [-0.3, -0.9, 0.2, -0.5, -0.7];

function settingsOf(temperature: string): SettingsView {
  const text = `[["P-00000000000000000000000000000000", {"settings": {"__class__": "S", "__module__": "m", ":is_custom:": true, "thermo_settings": {"__class__": "T", "__module__": "m", ":is_custom:": true, "temperature": ${temperature}}}, "__qualname__": "P", "__module__": "m"}]]`;
  const view = viewOf(sliceKeyedChain(text));
  if (!(view instanceof ProtocolView)) throw new Error("not a protocol");
  return view.settings;
}

const kelvin = (value: number | string, unit = "kelvin") =>
  settingsOf(`{"magnitude": ${value}, "unit": "${unit}", ":is_custom:": true, "pint_unit_registry": "openff_units"}`);

/** Whole trajectories of work, of which the last value counts. */
const trajectories = (works: readonly number[]) => `[${works.map((work) => array([0, work / 2, work])).join(", ")}]`;
const resultUnit = (f: readonly number[], r: readonly number[], name = "result"): TestUnit => ({
  name,
  unitClass: "ResultUnit",
  outputs: { forward_work: trajectories(f), reverse_work: trajectories(r), paths: '"ignored"' },
});

describe.each(["NonEquilibriumCyclingProtocol", "FahNonEquilibriumCyclingProtocol"])("%s", (qualname) => {
  const protocol = { qualname, settings: kelvin(300) };
  const read = (units: readonly TestUnit[], number = 1, settings: SettingsView | null = protocol.settings) =>
    readResult({ qualname, settings }, resultText(units, number), { zstd });

  test("the worked example: one BAR on the last values", () => {
    const estimate = estimateTransformation(protocol, [read([{ name: "setup" }, resultUnit(forward, reverse)])]);
    expect(estimate.estimate).toBeCloseTo(0.518879196, 9);
    expect(estimate.uncertaintyKind).toBe("bootstrap");
    expect(estimate.uncertainty).toBeGreaterThan(0.02);
    expect(estimate.flags).toEqual([]);
  });

  test("all results are pooled; the order in which they come does not matter", () => {
    const readings = [
      read([resultUnit(forward.slice(0, 2), reverse.slice(0, 2))], 1),
      read([resultUnit(forward.slice(2), reverse.slice(2))], 2),
    ];
    const estimate = estimateTransformation(protocol, readings);
    expect(estimate.estimate).toBeCloseTo(0.518879196, 9);
    expect(estimate).toEqual(estimateTransformation(protocol, [...readings].reverse()));
    expect(estimate.perRepeat.length).toBe(2);
    expect(estimate.n).toBe(2);
  });

  test("directions with different numbers of cycles", () => {
    const estimate = estimateTransformation(protocol, [read([resultUnit(forward, reverse.slice(0, 3))])]);
    expect(estimate.estimate).toBeCloseTo(0.893568074 * 0.5961612776, 8);
    expect(estimate.flags.map(({ code }) => code)).toEqual(["unequal-work"]);
  });

  test("a failed result unit is left out: the library would raise", () => {
    const reading = read([
      { name: "result", unitClass: "ResultUnit", failed: true, source: 0 },
      { ...resultUnit(forward, reverse), source: 0 },
    ]);
    const estimate = estimateTransformation(protocol, [reading]);
    expect(estimate.estimate).toBeCloseTo(0.518879196, 9);
    expect(estimate.flags.map(({ code }) => code)).toEqual(["failed-unit"]);
  });

  test("empty and infinite cycles are left out", () => {
    const unit = resultUnit(forward, reverse);
    const outputs = {
      ...unit.outputs,
      forward_work: `[${array([])}, ${array([1, Number.NaN])}, ${array([0.5])}]`,
      reverse_work: `[${array([-0.5])}]`,
    };
    const estimate = estimateTransformation(protocol, [read([{ ...unit, outputs }])]);
    expect(estimate.estimate).toBeCloseTo(0.5 * 0.5961612776, 9);
    expect(estimate.flags.map(({ code }) => code)).toEqual(["missing-work", "not-finite", "one-repeat"]);
  });

  test("the temperature is that of the settings, 300 K where they name none", () => {
    const reading = (settings: SettingsView | null) => read([resultUnit(forward, reverse)], 1, settings);
    expect(reading(kelvin(350))).toMatchObject({ temperature: 350 });
    expect(reading(null)).toMatchObject({ temperature: 300, flags: [{ code: "default-temperature" }] });
    expect(reading(kelvin(25, "degree_Celsius"))).toMatchObject({ status: "unreadable", reason: { code: "malformed" } });
    expect(reading(kelvin(-1))).toMatchObject({ status: "unreadable", reason: { code: "malformed" } });
  });

  test.each([
    ["a path", '"forward_cycle_4.npy"'],
    ["two dimensions", `[${array([1, 2, 3, 4], [2, 2])}]`],
    ["a list of texts", '["x"]'],
    ["text in an array", '[["x"]]'],
  ])("work that is %s is malformed", (_, work) => {
    const unit = resultUnit(forward, reverse);
    const reading = read([{ ...unit, outputs: { ...unit.outputs, forward_work: work } }]);
    expect(reading).toMatchObject({ status: "unreadable", reason: { code: "malformed" } });
  });

  test("compressed arrays need a decompressor", () => {
    const bytes = Array.from(compressZstd(new Uint8Array(Float64Array.from([0, 1.5]).buffer)), (byte) =>
      String.fromCharCode(byte),
    ).join("");
    const compressed = array([0, 1.5]).replace(/"latin-1": ".*?[^\\]"\}/, () => `"latin-1": ${JSON.stringify(bytes)}}`);
    const unit = resultUnit([1.5], [-0.5]);
    const text = resultText([{ ...unit, outputs: { ...unit.outputs, forward_work: `[${compressed}]` } }]);
    expect(readResult(protocol, text, { zstd })).toMatchObject({ work: [{ forward: [1.5] }] });
    expect(readResult(protocol, text)).toMatchObject({ status: "unreadable", reason: { code: "malformed" } });
  });
});

describe("the native protocol", () => {
  const protocol = { qualname: "HarmonicSwitchingProtocol", settings: null };
  const unit = (name: string, works: readonly number[], seed: string, temperature = 300): TestUnit => ({
    name,
    outputs: {
      direction: `"${name}"`,
      seed: `"${seed}"`,
      reduced_work: `[${works}]`,
      temperature: `{"magnitude": ${temperature}, "unit": "kelvin", ":is_custom:": true, "pint_unit_registry": "openff_units"}`,
    },
  });
  const read = (number: number, seed: string, f = forward, r = reverse, temperature = 300) =>
    readResult(protocol, resultText([unit("forward", f, seed, temperature), unit("reverse", r, seed, temperature)], number));

  test("pools the work of all results; the uncertainty is the larger of BAR's two errors", () => {
    const estimate = estimateTransformation(protocol, [read(1, "42")]);
    expect(estimate.estimate).toBeCloseTo(0.518879196, 9);
    expect(estimate.uncertainty).toBeCloseTo(0.183917202 * 0.5961612776, 8);
    expect(estimate.uncertaintyKind).toBe("asymptotic");
  });

  test("what the work of a result says alone is kept with it; where it is not, as before version 2, it is made the same", () => {
    const kept = [read(1, "42"), read(2, "43", [1.1, 0.7, 1.9], [-0.6, -0.1, -0.8]), read(3, "44", [2000], [5000])];
    const before = kept.map((reading) => {
      if (reading.status !== "read") throw new Error(reading.reason.message);
      return { ...reading, work: reading.work.map(({ alone: _, ...values }) => values) };
    });
    const { convergence, ...figures } = estimateTransformation(protocol, JSON.parse(JSON.stringify(kept)));
    expect(estimateTransformation(protocol, before)).toEqual({ ...figures, convergence: [] });
    expect(figures.perRepeat.map(({ repeatId }) => repeatId)).toEqual(["42", "43"]);
    expect(convergence.map(({ repeatId }) => repeatId)).toEqual(["42", "43"]);
    const { data } = convergence[0] ?? {};
    const { difference, mbarError } = bar(forward.slice(0, 2), reverse.slice(0, 2));
    expect([data?.fractions[3], data?.forward[3]]).toEqual([0.4, gasConstant * 300 * difference]);
    expect(data?.forwardError[3]).toBe(gasConstant * 300 * mbarError);
    expect([data?.forward[9], data?.reverse[9]]).toEqual(Array(2).fill(figures.perRepeat[0]?.estimate));
  });

  test("results with one seed count once", () => {
    const estimate = estimateTransformation(protocol, [read(1, "42"), read(2, "42")]);
    expect(estimate.n).toBe(1);
    expect(estimate.flags.map(({ code }) => code)).toEqual(["duplicate-seed"]);
  });

  test("results at different temperatures are not taken together", () => {
    const estimate = estimateTransformation(protocol, [read(1, "42"), read(2, "43", forward, reverse, 310)]);
    expect(estimate.estimate).toBeNull();
    expect(estimate.flags.map(({ code }) => code)).toEqual(["mixed-temperatures"]);
  });

  test("no overlap gives no estimate, and says so", () => {
    const estimate = estimateTransformation(protocol, [read(1, "42", [2000], [5000])]);
    expect(estimate.estimate).toBeNull();
    expect(estimate.flags.map(({ code }) => code)).toContain("no-overlap");
    expect(() => harmonicBar([2000], [5000])).toThrow(/do not overlap/);
  });

  test("wells that differ by their offset alone have no error", () => {
    expect(harmonicBar([2.5, 2.5], [-2.5, -2.5, -2.5]).error).toBe(0);
    expect(harmonicBar([1e-17, -1e-17], [0, 0]).error).toBe(0);
  });
});

const shared = new URL("../../../../../shared/fixtures/results/", import.meta.url);

describe.skipIf(!existsSync(shared))("results of real openfe and feflow runs (in ../shared)", () => {
  interface Run {
    file: string;
    results: { file: string; key: string; ok: boolean; estimate?: number; uncertainty?: number; mbar_error?: number }[];
    gathered?: { n: number; estimate: number; uncertainty: number };
  }
  const text = (file: string) => new TextDecoder().decode(zstd.decompress(readFileSync(new URL(file, shared))));
  const { transformations } = existsSync(shared)
    ? (JSON.parse(readFileSync(new URL("openfe-results.json", shared), "utf8")) as { transformations: Run[] })
    : { transformations: [] };

  test.each(transformations)("$file: the estimates that the libraries give", ({ file, results, gathered }) => {
    const chain = sliceKeyedChain(text(file));
    const protocol = chain.entries.map(({ key }) => viewOf(chain, key)).find((view) => view instanceof ProtocolView);
    if (!(protocol instanceof ProtocolView)) throw new Error("no protocol");
    const readings = results.map((result) => readResult(protocol, text(result.file), { zstd }));
    const isBootstrap = protocol.qualname === "NonEquilibriumCyclingProtocol";
    for (const [i, result] of results.entries()) {
      expect(readings[i]).toMatchObject({ status: "read", resultKey: result.key, ok: result.ok });
      if (result.estimate === undefined) continue;
      const alone = estimateTransformation(protocol, readings.slice(i, i + 1));
      expect(alone.estimate).toBeCloseTo(result.estimate, 10);
      if (!isBootstrap) expect(alone.uncertainty).toBe(result.uncertainty);
      if (result.mbar_error !== undefined) expect(alone.perRepeat[0]?.error).toBe(result.mbar_error);
    }
    if (gathered === undefined) return;
    const together = estimateTransformation(protocol, readings);
    expect(together.n).toBe(gathered.n);
    expect(together.estimate).toBeCloseTo(gathered.estimate, 10);
    if (isBootstrap) expect(Math.abs((together.uncertainty ?? 0) / gathered.uncertainty - 1)).toBeLessThan(0.1);
    else expect(together.uncertainty).toBeCloseTo(gathered.uncertainty, 10);
  });
});
