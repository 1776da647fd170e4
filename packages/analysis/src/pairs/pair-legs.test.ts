import { describe, expect, test } from "vitest";
import { noEstimate, type TransformationEstimate } from "../readings/transformation-estimate.ts";
import { type EstimatedTransformation, pairLegs } from "./pair-legs.ts";
import { pairMeasurements } from "./pair-measurements.ts";
import type { TransformationRole } from "./transformation-role.ts";

const ligand = (name: string) => ({ key: `SmallMoleculeComponent-${name}`, name });

/** Repeats of legs, as the readers give them. */
function estimateOf(
  legs: Record<string, readonly [values: readonly number[], sign?: 1 | -1, error?: number | null]>,
): TransformationEstimate {
  return {
    ...noEstimate("RelativeHybridTopologyProtocol"),
    method: "mean-of-repeats",
    estimate: 0,
    perRepeat: Object.entries(legs).flatMap(([leg, [values, , error = 0.1]]) =>
      values.map((estimate, i) => ({
        resultKey: "r",
        leg: leg === "-" ? null : leg,
        repeatId: String(i),
        generation: 0,
        estimate,
        error,
        overlap: null,
      })),
    ),
    perLeg: Object.entries(legs).map(([leg, [values, sign = 1]]) => ({
      leg: leg === "-" ? null : leg,
      n: values.length,
      mean: 0,
      sd: 0,
      error: null,
      sign,
    })),
  };
}

let count = 0;
function leg(
  where: "complex" | "solvent" | "vacuum",
  a: string,
  b: string,
  values: readonly number[] | null,
  error: number | null = 0.1,
): EstimatedTransformation {
  count += 1;
  const role: TransformationRole = { kind: "leg", leg: where, ligandA: ligand(a), ligandB: ligand(b) };
  const estimate = values === null ? null : estimateOf({ "-": [values, 1, error] });
  return { key: `Transformation-${count}`, protocol: "RelativeHybridTopologyProtocol", role, estimate };
}

const complexRepeats = [-3.1, -2.8, -3.3];
const solventRepeats = [-2, -2.1, -1.95];

describe("relative legs", () => {
  test("complex less solvent is binding", () => {
    const { pairs, incomplete } = pairLegs([leg("complex", "A", "B", complexRepeats), leg("solvent", "A", "B", solventRepeats)]);
    expect(incomplete).toEqual([]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]).toMatchObject({ observable: "binding", from: ligand("A").key, to: ligand("B").key });
    expect(pairs[0]?.value).toBeCloseTo(-1.05, 9);
    expect(pairs[0]?.sigma).toBeCloseTo(0.262996, 6);
  });

  test("solvent less vacuum is hydration, and one solvent leg serves both", () => {
    const { pairs } = pairLegs([
      leg("solvent", "A", "B", [1, 1.2]),
      leg("vacuum", "A", "B", [3, 3.2]),
      leg("complex", "A", "B", [2, 2.2]),
    ]);
    expect(pairs.map(({ observable, value }) => [observable, Number(value.toFixed(9))])).toEqual([
      ["binding", 1],
      ["hydration", -2],
    ]);
  });

  test("a leg that goes the other way counts with the other sign", () => {
    const { pairs } = pairLegs([
      leg("complex", "A", "B", complexRepeats),
      leg(
        "solvent",
        "B",
        "A",
        solventRepeats.map((value) => -value),
      ),
    ]);
    expect(pairs[0]?.value).toBeCloseTo(-1.05, 9);
    expect(pairs[0]?.sigma).toBeCloseTo(0.262996, 6);
  });

  test("repeats of equivalent Transformations are pooled", () => {
    const { pairs } = pairLegs([
      leg("complex", "A", "B", [-3.1]),
      leg("complex", "B", "A", [2.8]),
      leg("complex", "A", "B", [-3.3]),
      leg("solvent", "A", "B", solventRepeats),
    ]);
    expect(pairs[0]?.value).toBeCloseTo(-1.05, 9);
    expect(pairs[0]?.legs[0]).toMatchObject({ n: 3, kind: "repeat-sd" });
    expect(pairs[0]?.legs[0]?.transformations).toHaveLength(3);
  });

  test("legs of different protocols are no pair", () => {
    const other = { ...leg("solvent", "A", "B", solventRepeats), protocol: "NonEquilibriumCyclingProtocol" };
    const { pairs, incomplete } = pairLegs([leg("complex", "A", "B", complexRepeats), other]);
    expect(pairs).toEqual([]);
    expect(incomplete.map(({ missing }) => missing)).toEqual([["solvent"], ["complex", "vacuum"]]);
  });

  test("what is incomplete says what it lacks", () => {
    const { pairs, incomplete } = pairLegs([
      leg("complex", "A", "B", complexRepeats),
      leg("vacuum", "B", "C", [1, 2]),
      leg("complex", "C", "D", complexRepeats),
      leg("solvent", "C", "D", null),
      leg("solvent", "D", "E", [1, 2]),
      leg("vacuum", "D", "E", [1, 2]),
      leg("complex", "D", "E", null),
    ]);
    expect(pairs.map(({ observable }) => observable)).toEqual(["hydration"]);
    expect(incomplete.map(({ missing, waiting }) => ({ missing, waiting }))).toEqual([
      { missing: ["solvent"], waiting: [] },
      { missing: ["solvent"], waiting: [] },
      { missing: [], waiting: ["solvent"] },
      { missing: [], waiting: ["complex"] },
    ]);
  });

  test("a ligand against itself is listed, and so is what is no pair", () => {
    const { pairs, selfTransformations, unpaired } = pairLegs([
      leg("complex", "A", "A", [0.1, 0.2]),
      { ...leg("complex", "A", "B", null), key: "T", role: { kind: "none", reason: "because" } },
    ]);
    expect(pairs).toEqual([]);
    expect(selfTransformations).toMatchObject([{ ligand: ligand("A").key, leg: "complex" }]);
    expect(unpaired).toEqual([{ transformation: "T", reason: "because" }]);
  });

  test("repeats that disagree are marked", () => {
    const { pairs } = pairLegs([leg("complex", "A", "B", [-3, -1]), leg("solvent", "A", "B", [1, 1.1])]);
    expect(pairs[0]?.legs.map(({ disagreement }) => disagreement?.disagrees)).toEqual([true, false]);
    expect(pairs[0]?.legs[0]?.disagreement?.probability).toBeLessThan(1e-10);
  });
});

describe("identity of ligands", () => {
  const withKey = (transformation: EstimatedTransformation, suffix: string): EstimatedTransformation => {
    const { role } = transformation;
    if (role.kind !== "leg") return transformation;
    const other = (each: { key: string; name: string }) => ({ ...each, key: each.key + suffix });
    return { ...transformation, role: { ...role, ligandA: other(role.ligandA), ligandB: other(role.ligandB) } };
  };

  test("other keys with the same name are the same ligand", () => {
    const { pairs, ligands } = pairLegs([leg("complex", "A", "B", [1, 2]), withKey(leg("solvent", "A", "B", [1, 2]), "x")]);
    expect(pairs).toHaveLength(1);
    expect(ligands.map(({ name }) => name)).toEqual(["A", "B"]);
  });

  test("but not where one environment has two of that name", () => {
    const { pairs, incomplete } = pairLegs([
      leg("complex", "A", "B", [1, 2]),
      withKey(leg("complex", "A", "C", [1, 2]), "x"),
      withKey(leg("solvent", "A", "B", [1, 2]), "y"),
    ]);
    expect(pairs).toEqual([]);
    expect(incomplete).toHaveLength(3);
  });
});

describe("observables that are computed at once", () => {
  const estimated = (role: TransformationRole, protocol: string, estimate: TransformationEstimate): EstimatedTransformation => ({
    key: `Transformation-${protocol}`,
    protocol,
    role,
    estimate,
  });

  test("SepTop is a difference of binding, with its own legs", () => {
    const { pairs } = pairLegs([
      estimated(
        { kind: "binding-difference", ligandA: ligand("A"), ligandB: ligand("B") },
        "SepTopProtocol",
        estimateOf({ complex: [[-0.39, -0.13]], solvent: [[-2, -1.7], -1] }),
      ),
    ]);
    expect(pairs[0]).toMatchObject({ observable: "binding" });
    expect(pairs[0]?.value).toBeCloseTo(1.59, 9);
    expect(pairs[0]?.sigma).toBeCloseTo(0.280713, 6);
  });

  test("absolute binding is a value of one ligand", () => {
    const { pairs } = pairLegs([
      estimated(
        { kind: "absolute", observable: "binding", ligand: ligand("A") },
        "AbsoluteBindingProtocol",
        estimateOf({ solvent: [[9.6, 10.6, 10.1]], complex: [[28.9, 29.8, 30.7], -1] }),
      ),
    ]);
    expect(pairs[0]).toMatchObject({ observable: "binding", from: null, to: ligand("A").key });
    expect(pairs[0]?.value).toBeCloseTo(-19.7, 9);
    expect(pairs[0]?.sigma).toBeCloseTo(1.029563, 6);
  });

  test("systems without ligands are compared as they are, with the uncertainty of their protocol", () => {
    const bar = { ...noEstimate("HarmonicSwitchingProtocol"), method: "bar" as const, estimate: 1.2, uncertainty: 0.05 };
    const role: TransformationRole = { kind: "system-difference", ligandA: ligand("soft"), ligandB: ligand("stiff") };
    const { pairs } = pairLegs([estimated(role, "HarmonicSwitchingProtocol", bar)]);
    expect(pairs[0]).toMatchObject({ observable: "system", value: 1.2, sigma: 0.05 });
  });
});

describe("policies of σ", () => {
  const both = [leg("complex", "A", "B", [1, 1.4], 0.5), leg("solvent", "A", "B", [1], 0.3)];
  const sd = Math.sqrt(0.08);

  test.each([
    ["repeat-sd", sd, "repeat-sd"],
    ["sem", sd / Math.sqrt(2), "sem"],
    ["mbar", 0.5, "mbar"],
    ["max", 0.5, "mbar"],
  ] as const)("%s; one repeat has its own error alone", (policy, complexSigma, kind) => {
    const { pairs, policy: recorded } = pairLegs(both, policy);
    expect(recorded).toBe(policy);
    expect(pairs[0]?.legs.map((each) => each.kind)).toEqual([kind, "mbar"]);
    expect(pairs[0]?.legs[0]?.sigma).toBeCloseTo(complexSigma, 12);
    expect(pairs[0]?.sigma).toBeCloseTo(Math.hypot(complexSigma, 0.3), 12);
  });

  test("maximum likelihood gets a floor, which is told, and nothing without σ", () => {
    const { pairs } = pairLegs([
      leg("complex", "A", "B", [1, 1]),
      leg("solvent", "A", "B", [2, 2]),
      leg("complex", "B", "C", [1], null),
      leg("solvent", "B", "C", [2, 2]),
    ]);
    const { measurements, excluded } = pairMeasurements(pairs);
    expect(measurements).toMatchObject([{ measurement: { value: -1, sigma: 0.001 }, isFloored: true }]);
    expect(excluded).toMatchObject([{ reason: "nothing gives its uncertainty: one repeat, and no error of that" }]);
  });
});
