import { readFileSync } from "node:fs";
import { AlchemicalNetworkView, ChainViews, sliceKeyedChain } from "@alchemiscale/gufe";
import { describe, expect, test } from "vitest";
import { oneTransformation } from "../../test/one-transformation.ts";
import { transformationRole } from "./transformation-role.ts";

const repository = new URL("../../../../", import.meta.url);

function rolesIn(path: string): ReturnType<typeof transformationRole>[] {
  const chain = sliceKeyedChain(readFileSync(new URL(path, repository), "utf8"));
  const network = new ChainViews(chain).get(chain.root.key);
  if (!(network instanceof AlchemicalNetworkView)) throw new Error(`${path} is no network`);
  return network.edges.map(transformationRole);
}

const roleOf = (protocol: string, stateA: readonly string[], stateB: readonly string[]) =>
  transformationRole(oneTransformation({ protocol, stateA, stateB }));

const a = "SmallMoleculeComponent A";
const b = "SmallMoleculeComponent B";
const cofactor = "SmallMoleculeComponent NADH";
const water = "SolventComponent";
const protein = "ProteinComponent P";

describe("what a Transformation is for", () => {
  test.each([
    ["complex", [a, water, protein], [b, water, protein]],
    ["complex", [a, "SolvatedPDBComponent P"], [b, "SolvatedPDBComponent P"]],
    ["complex", [a, water, "ProteinMembraneComponent P"], [b, water, "ProteinMembraneComponent P"]],
    ["solvent", [a, water], [b, water]],
    ["vacuum", [a], [b]],
    ["complex", [a, cofactor, water, protein], [b, cofactor, water, protein]],
  ])("%s legs", (leg, stateA, stateB) => {
    const role = roleOf("RelativeHybridTopologyProtocol", stateA, stateB);
    expect(role).toMatchObject({ kind: "leg", leg, ligandA: { name: "A" }, ligandB: { name: "B" } });
  });

  test("a ligand against itself", () => {
    expect(roleOf("RelativeHybridTopologyProtocol", [a, water], [a, water])).toMatchObject({
      ligandA: { name: "A" },
      ligandB: { name: "A" },
    });
  });

  test("differences and absolute values of binding and hydration", () => {
    expect(roleOf("SepTopProtocol", [a, water, protein], [b, water, protein])).toMatchObject({ kind: "binding-difference" });
    expect(roleOf("AbsoluteBindingProtocol", [a, water, protein], [water, protein])).toMatchObject({
      kind: "absolute",
      observable: "binding",
      ligand: { name: "A" },
    });
    expect(roleOf("AbsoluteSolvationProtocol", [a, water], [water])).toMatchObject({ kind: "absolute", observable: "hydration" });
  });

  test("what is for nothing says why", () => {
    expect(roleOf("PlainMDProtocol", [a, water], [a, water])).toEqual({
      kind: "none",
      reason: "PlainMDProtocol gives no free energy",
    });
    expect(roleOf("AbsoluteBindingProtocol", [water], [water])).toMatchObject({ kind: "none" });
    expect(roleOf("RelativeHybridTopologyProtocol", [a, cofactor], [b])).toMatchObject({
      kind: "none",
      reason: "without a mapping each state must have one small molecule that the other has not",
    });
  });

  test("systems without ligands", () => {
    const roles = rolesIn("examples/harmonic-network.json");
    expect(roles).toHaveLength(15);
    expect(roles.every(({ kind }) => kind === "system-difference")).toBe(true);
  });

  test("mappings, and simulations of a system as it is", () => {
    const roles = rolesIn("packages/gufe/test/fixtures/objects/network/mixed/chain.json");
    expect(roles.map((role) => (role.kind === "leg" ? role.leg : role.kind)).sort()).toEqual([
      "complex",
      "none",
      "solvent",
      "solvent",
      "solvent",
    ]);
  });
});
