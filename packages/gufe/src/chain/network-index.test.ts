import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { ChainError, ShapeError } from "../errors.ts";
import { networkIndex } from "./network-index.ts";
import { sliceKeyedChain } from "./slice-keyed-chain.ts";

const networks = goldenObjects().filter((entry) => entry.kind === "network");
const chainNamed = (name: string) =>
  sliceKeyedChain(goldenChain(goldenObjects().find((entry) => entry.name === name) as (typeof networks)[number]));

describe("the index of a network", () => {
  test.each(networks.map((entry) => [entry.name, entry] as const))("%s has its nodes and edges", (_, entry) => {
    const index = networkIndex(sliceKeyedChain(goldenChain(entry)));
    expect(index.key).toBe(entry.gufe_key);
    expect({ nodes: index.nodes.length, edges: index.edges.length }).toEqual({ nodes: entry.n_nodes, edges: entry.n_edges });
    expect(index.systems.map((system) => system.key)).toEqual(index.nodes);
    for (const edge of index.edges) {
      expect(edge.key.startsWith(`${edge.qualname}-`)).toBe(true);
      expect(index.nodes).toEqual(expect.arrayContaining([edge.stateA, edge.stateB]));
      expect(edge.protocolKey.startsWith(`${edge.protocolQualname}-`)).toBe(true);
      if (edge.qualname === "NonTransformation") expect(edge.stateA).toBe(edge.stateB);
    }
  });

  test("refuses a chain that holds no network", () => {
    expect(() => networkIndex(chainNamed("chemical_system/named"))).toThrow(ChainError);
  });

  const zeros = "0".repeat(32);
  const network = (fields: string, ...before: string[]) =>
    sliceKeyedChain(
      `[${[...before, `["AlchemicalNetwork-${zeros}", {${fields}, "__qualname__": "AlchemicalNetwork", "__module__": "gufe.network"}]`].join(", ")}]`,
    );
  const thing = `["Thing-${zeros}", {"__qualname__": "Thing", "__module__": "m"}]`;
  const toThing = `{":gufe-key:": "Thing-${zeros}"}`;

  test("adds the ends of edges to the nodes", () => {
    const chain = chainNamed("network/three-node");
    const bare = { ...chain.root, text: chain.root.text.replace(/"nodes": \[[^\]]*\]/, '"nodes": []') };
    const index = networkIndex({ entries: [...chain.entries.slice(0, -1), bare], root: bare });
    expect(new Set(index.nodes)).toEqual(new Set(networkIndex(chain).nodes));
  });

  test("names what is wrong", () => {
    expect(() => networkIndex(network('"nodes": 1, "edges": []'))).toThrow(ShapeError);
    expect(() => networkIndex(network('"nodes": [1], "edges": []'))).toThrow(/nodes\[0\]/);
    expect(() => networkIndex(network(`"nodes": [${toThing}], "edges": []`, thing))).toThrow(
      /is used as a ChemicalSystem, but is a Thing/,
    );
    expect(() => networkIndex(network(`"nodes": [], "edges": [${toThing}]`, thing))).toThrow(
      /is used as a Transformation, but is a Thing/,
    );
  });

  test.each(["5", "true", "[1]", '{"a": NaN}'])("a name may be %s, as in gufe, and is then none to look for", (name) => {
    expect(networkIndex(network(`"nodes": [], "edges": [], "name": ${name}`)).name).toBeNull();
  });
});
