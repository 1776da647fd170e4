import { nodeZstd } from "@alchemiscale/gufe/zstd";
import { describe, expect, test } from "vitest";
import { goldenRows, isNear } from "../../test/golden.ts";
import { analysed, array, energy, resultText, type TestUnit } from "../../test/result-text.ts";
import { estimateTransformation } from "../readings/estimate-transformation.ts";
import type { FlagCode } from "../readings/flag.ts";
import { readResult } from "../readings/read-result.ts";

const zstd = nodeZstd();

function estimateOf(qualname: string, ...results: readonly (readonly TestUnit[])[]) {
  const protocol = { qualname, settings: null };
  return estimateTransformation(
    protocol,
    results.map((units, i) => readResult(protocol, resultText(units, i + 1), { zstd })),
  );
}

const codes = ({ flags }: { flags: readonly { code: FlagCode }[] }) => flags.map(({ code }) => code);

interface Gathered {
  name: string;
  protocol: string;
  results: string[];
  estimate: number | null;
  uncertainty: number | null;
}

describe("as openfe's own gather", () => {
  test.each(goldenRows<Gathered>("openfe-gathered"))("$name", ({ protocol: qualname, results, estimate, uncertainty }) => {
    const protocol = { qualname, settings: null };
    const found = estimateTransformation(
      protocol,
      results.map((text) => readResult(protocol, text, { zstd })),
    );
    expect(found.n).toBe(results.length);
    if (estimate === null || uncertainty === null) {
      expect([found.estimate, found.uncertainty]).toEqual([null, null]);
      return;
    }
    expect(isNear(found.estimate ?? Number.NaN, estimate)).toBe(true);
    expect(isNear(found.uncertainty ?? Number.NaN, uncertainty)).toBe(true);
  });
});

describe("the worked examples", () => {
  const leg = (
    simtype: string,
    values: readonly number[],
    more: (i: number) => Record<string, string> = () => ({}),
  ): TestUnit[] =>
    values.map((value, i) => ({ name: `Analysis ${i}`, outputs: analysed(value, i, { simtype: `"${simtype}"`, ...more(i) }) }));

  test("separated topologies", () => {
    const found = estimateOf("SepTopProtocol", [
      ...leg("complex", [-0.4, -0.1], (i) => ({
        standard_state_correction_A: energy([-9.49, -9.53][i] ?? 0),
        standard_state_correction_B: energy(9.5),
      })),
      ...leg("solvent", [-2, -1.7], () => ({ standard_state_correction: energy(0) })),
    ]);
    expect(found.estimate).toBeCloseTo(1.59, 9);
    expect(found.uncertainty).toBeCloseTo(0.280713, 6);
    expect(found.perLeg.map(({ leg: name, n, sign }) => [name, n, sign])).toEqual([
      ["solvent", 2, -1],
      ["complex", 2, 1],
    ]);
    expect(found.flags).toEqual([]);
  });

  test("separated topologies before openfe 1.11: corrections are in the setup unit of the same leg and repeat", () => {
    const setup = (simtype: string, repeat: number, more: Record<string, string>): TestUnit => {
      const { repeat_id = "0" } = analysed(0, repeat);
      return { name: "Setup unit", outputs: { repeat_id, generation: "0", simtype: `"${simtype}"`, ...more } };
    };
    const run = (simtype: string, values: readonly number[]): TestUnit[] =>
      leg(simtype, values).map((unit) => ({ ...unit, name: "Run unit" }));
    const found = estimateOf("SepTopProtocol", [
      // Solvent and complex units may share a repeat_id.
      setup("complex", 0, { standard_state_correction_A: energy(-9.49), standard_state_correction_B: energy(9.5) }),
      setup("complex", 1, { standard_state_correction_A: energy(-9.53), standard_state_correction_B: energy(9.5) }),
      setup("solvent", 0, { standard_state_correction: energy(0) }),
      setup("solvent", 1, { standard_state_correction: energy(0) }),
      ...run("complex", [-0.4, -0.1]),
      ...run("solvent", [-2, -1.7]),
    ]);
    expect(found.estimate).toBeCloseTo(1.59, 9);
    expect(found.uncertainty).toBeCloseTo(0.280713, 6);
    expect(codes(found)).toEqual(["legacy-layout"]);
  });

  test("relative free energies before openfe 1.9: one unit for each repeat", () => {
    const found = estimateOf("RelativeHybridTopologyProtocol", [
      ...[-3.1, -2.8, -3.3].map((value, i) => ({ name: `benzene to phenol repeat ${i}`, outputs: analysed(value, i) })),
    ]);
    expect(found.estimate).toBeCloseTo(-3.066667, 6);
    expect(found.uncertainty).toBeCloseTo(0.251661, 6);
    expect(codes(found)).toEqual(["legacy-layout"]);
  });

  test("absolute solvation: legs are told by simtype, never by name", () => {
    const named = (units: TestUnit[]) => units.map((unit) => ({ ...unit, name: "solvent leg Analysis" }));
    const found = estimateOf("AbsoluteSolvationProtocol", [
      ...named(leg("solvent", [6.9, 6.4, 7])),
      ...named(leg("vacuum", [4.13, 4.15, 4.15])),
    ]);
    expect(found.estimate).toBeCloseTo(-2.623333, 6);
    expect(found.uncertainty).toBeCloseTo(0.321662, 6);
  });
});

describe("what the library passes over in silence is flagged", () => {
  const rfe = "RelativeHybridTopologyProtocol";
  const analysis = (outputs: Record<string, string>): TestUnit => ({ name: "Analysis", outputs });

  test("several generations of one repeat, also in different results: the lowest counts", () => {
    const found = estimateOf(
      rfe,
      [analysis(analysed(9, 1, { generation: "1" }))],
      [analysis(analysed(2, 1)), analysis(analysed(3, 2))],
    );
    expect(found.estimate).toBeCloseTo(2.5, 12);
    expect(codes(found)).toEqual(["repeated-generation"]);
    expect(found.n).toBe(1);
  });

  test("failed attempts in a result that is ok", () => {
    const found = estimateOf(rfe, [
      { name: "Analysis", failed: true, source: 0 },
      { ...analysis(analysed(2, 1)), source: 0 },
    ]);
    expect(found.estimate).toBe(2);
    expect(codes(found)).toEqual(["failed-unit", "one-repeat"]);
  });

  test("a missing leg: no estimate, but what is there", () => {
    const found = estimateOf("AbsoluteSolvationProtocol", [analysis(analysed(2, 1, { simtype: '"solvent"' }))]);
    expect(found.estimate).toBeNull();
    expect(found.perLeg.map(({ mean }) => mean)).toEqual([2]);
    expect(codes(found)).toEqual(["missing-leg", "one-repeat"]);
  });

  test("values that are NaN, missing or without a leg are left out", () => {
    expect(codes(estimateOf(rfe, [analysis(analysed("NaN", 1)), analysis(analysed(2, 2)), analysis(analysed(4, 3))]))).toEqual([
      "not-finite",
      "missing-estimate",
    ]);
    expect(codes(estimateOf("AbsoluteBindingProtocol", [analysis(analysed(1, 1, { simtype: '"complex"' }))]))).toEqual([
      "missing-correction",
      "missing-repeats",
    ]);
    expect(codes(estimateOf("AbsoluteBindingProtocol", [analysis(analysed(1, 1))]))).toEqual([
      "missing-simtype",
      "missing-repeats",
    ]);
  });

  test("a simtype that is neither leg's name is the second leg, as in openfe", () => {
    const found = estimateOf("AbsoluteSolvationProtocol", [
      analysis(analysed(2, 1, { simtype: '"solvent"' })),
      analysis(analysed(5, 1, { simtype: '"gas"' })),
    ]);
    expect(found.estimate).toBe(3);
    expect(codes(found)).toEqual(["other-simtype", "one-repeat"]);
  });

  test("kilojoules are converted", () => {
    const found = estimateOf(rfe, [analysis(analysed(0, 1, { unit_estimate: energy(-41.84, "kilojoule / mole") }))]);
    expect(found.estimate).toBeCloseTo(-10, 12);
    expect(codes(found)).toContain("unit-conversion");
  });

  test("neighbouring states that hardly overlap, and convergence where MBAR failed", () => {
    const found = estimateOf(rfe, [
      analysis(
        analysed(1, 1, {
          unit_mbar_overlap: `{"scalar": 0.01, "matrix": ${array([0.9, 0.1, 0.01, 0.99], [2, 2])}}`,
          forward_and_reverse_energies: `{"fractions": ${array([0.5, 1])}, "forward_DGs": ${energy(array([1, 2]))}, "forward_dDGs": ${energy(
            array([0.1, 0.1]),
          )}, "reverse_DGs": ${energy(array([Number.NaN, 2]))}, "reverse_dDGs": ${energy(array([Number.NaN, 0.1]))}}`,
        }),
      ),
    ]);
    expect(codes(found)).toEqual(["missing-convergence", "poor-overlap", "one-repeat"]);
    expect(found.overlap).toBe(0.01);
    expect(found.convergence[0]?.data).toEqual({
      fractions: [0.5, 1],
      forward: [1, 2],
      forwardError: [0.1, 0.1],
      reverse: [null, 2],
      reverseError: [null, 0.1],
    });
  });

  test("how replicas are exchanged, where they are", () => {
    const exchangeOf = (json: string) => {
      const units = [analysis(analysed(1, 1, { replica_exchange_statistics: json }))];
      const reading = readResult({ qualname: rfe, settings: null }, resultText(units));
      return reading.status === "read" ? reading.repeats.map(({ neighbourExchange }) => neighbourExchange) : undefined;
    };
    expect(exchangeOf(`{"matrix": ${array([0.7, 0.3, 0.4, 0.6], [2, 2])}}`)).toEqual([0.3]);
    for (const nothing of ["null", '{"matrix": 1}', "{}"]) expect(exchangeOf(nothing)).toEqual([null]);
  });

  test("quality data that cannot be read do not stand in the way", () => {
    const found = estimateOf(rfe, [
      analysis(
        analysed(1, 1, {
          unit_mbar_overlap: '{"scalar": "x"}',
          forward_and_reverse_energies: '{"fractions": 1}',
          production_iterations: '"x"',
        }),
      ),
    ]);
    expect(found.estimate).toBe(1);
    expect(codes(found)).toEqual(["missing-convergence", "missing-overlap", "one-repeat"]);
  });
});

test("molecular dynamics has repeats and no free energy, in both layouts", () => {
  const unit = (name: string, repeat: number): TestUnit => ({ name, outputs: { repeat_id: `${repeat}`, generation: "0" } });
  const protocol = { qualname: "PlainMDProtocol", settings: null };
  const read = (...units: TestUnit[]) => {
    const reading = readResult(protocol, resultText(units));
    return reading.status === "read" ? reading : undefined;
  };
  expect(read(unit("MD Setup", 1), unit("MD Simulation", 1))?.repeats.map(({ repeatId }) => repeatId)).toEqual(["1"]);
  expect(read(unit("MD repeat 0", 1), unit("MD repeat 1", 2))?.flags.map(({ code }) => code)).toEqual(["legacy-layout"]);
  const found = estimateOf("PlainMDProtocol", [unit("MD Simulation", 1)]);
  expect(found).toMatchObject({ method: "none", estimate: null, uncertainty: null, n: 1 });
});
