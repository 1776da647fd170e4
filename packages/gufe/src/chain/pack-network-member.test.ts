import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { GufeError } from "../errors.ts";
import { scanMembers } from "../json/scan-members.ts";
import { networkIndex } from "./network-index.ts";
import { packNetworkMember } from "./pack-network-member.ts";
import { packEntries } from "./packed-objects.ts";
import { sliceWithCare } from "./slice-keyed-chain.ts";

const networks = goldenObjects()
  .filter((object) => object.kind === "network")
  .map((object) => [object.name, goldenChain(object)] as const);
const textOf = (name: string) => networks.find(([of]) => of === name)?.[1] ?? "";
const around = (chain: string) => `{"network": ${chain}, "scope": {"org": "o"}, "state": "active"}`;
const pack = (text: string) => packNetworkMember(new TextEncoder().encode(text), "network");

/** The same by the readers that know all of JSON; undefined where they find a fault. */
function packWithCare(text: string): ReturnType<typeof pack> {
  try {
    const members = scanMembers(text);
    const chain = sliceWithCare(members.get("network") ?? "");
    members.delete("network");
    return { members, entries: packEntries(chain.entries), index: networkIndex(chain) };
  } catch (error) {
    if (error instanceof GufeError) return undefined;
    throw error;
  }
}

describe("a network packed from the bytes of a submission", () => {
  test.each(networks)("%s is what the careful readers make of it", (_, chain) => {
    expect(pack(around(chain))).toEqual(packWithCare(around(chain)));
  });

  test("with a piece that is changed is still that, or is left to them", () => {
    const small = around(textOf("network/mixed"));
    const marks = [...small.matchAll(/"(nodes|edges|stateA|stateB|system|protocol|name|:gufe-key:|__qualname__)"/g)];
    const places = fc.oneof(
      fc.nat(small.length),
      fc.tuple(fc.nat(marks.length - 1), fc.nat(40)).map(([mark, after]) => (marks[mark]?.index ?? 0) + after),
    );
    const pieces = fc.constantFrom(
      "",
      "1",
      "null",
      '"',
      "[",
      "]",
      "{",
      "}",
      ",",
      "[]",
      "{}",
      '"n": 1, ',
      '"name": "ß\\n", ',
      "é",
      "\\",
    );
    let packed = 0;
    fc.assert(
      fc.property(places, pieces, fc.nat(3), (at, piece, removed) => {
        const changed = `${small.slice(0, at)}${piece}${small.slice(at + removed)}`;
        const network = pack(changed);
        if (network === undefined) return;
        packed += 1;
        expect(network).toEqual(packWithCare(changed));
      }),
      { numRuns: 2000 },
    );
    expect(packed).toBeGreaterThan(100);
  });

  const network = textOf("network/three-node");
  const replaced = (from: RegExp | string, to: string) => {
    const text = network.replace(from, to);
    expect(text).not.toBe(network);
    return text;
  };

  test.each([
    ["nodes that are listed twice", () => replaced(/"nodes": \[(\{[^}]*\})/, '"nodes": [$1, $1')],
    ["no nodes listed", () => replaced(/"nodes": \[[^\]]*\]/, '"nodes": []')],
    ["a name with an escape", () => replaced(/"name": ("[^"]*"|null)/, '"name": "\\u03b2-\\"lactamase\\""')],
    ["a name of other characters", () => replaced(/"name": ("[^"]*"|null)/, '"name": "β"')],
    ["a name that is a number", () => replaced(/"name": ("[^"]*"|null)/, '"name": 7')],
    ["a name that comes twice", () => replaced(/"name": ("[^"]*"|null)/, '"name": "first", "name": "second"')],
    ["a name that is none the second time", () => replaced(/"name": ("[^"]*"|null)/, '"name": "first", "name": []')],
  ])("is the same with %s", (_, text) => {
    expect(pack(around(text()))).toBeDefined();
    expect(pack(around(text()))).toEqual(packWithCare(around(text())));
  });

  test.each([
    ["nodes that are no list", () => around(replaced(/"nodes": \[[^\]]*\]/, '"nodes": {}'))],
    ["a node that is no reference", () => around(replaced(/"nodes": \[/, '"nodes": [1, '))],
    ["no nodes", () => around(replaced('"nodes"', '"modes"'))],
    ["an end that is no reference", () => around(replaced(/"stateA": \{[^}]*\}/, '"stateA": null'))],
    ["an end that is none the second time", () => around(replaced(/("stateA": \{[^}]*\})/, '$1, "stateA": null'))],
    [
      "an edge that is none",
      () => around(replaced(/"edges": \[/, `"edges": [${/\{":gufe-key:": "ChemicalSystem-[^}]*\}/.exec(network)?.[0]}, `)),
    ],
    ["no member of that name", () => around(network).replace('"network"', '"networks"')],
    ["another member before it", () => `{"state": "active", "network": ${network}}`],
    ["the member twice", () => `{"network": ${network}, "network": ${network}}`],
    ["a comma too many", () => `{"network": ${network},}`],
    ["something after the object", () => `${around(network)} {}`],
    ["the rest cut off", () => `{"network": ${network}, "scope"`],
    [
      "an object that is no network",
      () => around(goldenChain(goldenObjects().find(({ name }) => name === "chemical_system/named") as never)),
    ],
  ])("is left to the careful readers with %s", (_, text) => {
    expect(pack(text())).toBeUndefined();
  });
});
