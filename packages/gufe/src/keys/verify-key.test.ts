import { describe, expect, test } from "vitest";
import { goldenRows } from "../../test/golden.ts";
import { sliceKeyedChain } from "../chain/slice-keyed-chain.ts";
import { canonicalText } from "./canonical-text.ts";
import { keyRule } from "./class-rules.ts";
import { verifyKey } from "./verify-key.ts";

interface ValueRow {
  name: string;
  canonical: string;
  key: string;
  chain_json: string;
  key_after_json_trip: string;
}

describe("keys of objects that hold any value", () => {
  const rows = goldenRows<ValueRow>("traps/values.json").filter((row) => row.chain_json !== undefined);
  test.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const { root } = sliceKeyedChain(row.chain_json);
    const verification = verifyKey(root);
    expect(verification).toMatchObject({ computed: row.key, matches: true, conclusive: true });
    const { text, orderIsAmbiguous } = canonicalText(root.text);
    if (!orderIsAmbiguous) expect(text).toBe(row.canonical);
    // What Python computes after reading the JSON is the key in the order of texts.
    const relabelled = { key: row.key_after_json_trip, text: root.text };
    expect(verifyKey(relabelled)).toMatchObject({ computed: row.key_after_json_trip, matches: true });
  });
});

describe("fields equal to a default as Python compares are no part of the key", () => {
  const rows = goldenRows<{ name: string; keyed_dict: string; canonical: string; key: string }>("traps/default_equality.json");
  test.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
    expect(canonicalText(row.keyed_dict).text).toBe(row.canonical);
    expect(verifyKey({ key: row.key, text: row.keyed_dict })).toMatchObject({
      computed: row.key,
      conclusive: true,
      matches: true,
    });
  });
});

test("the keys of wells are conclusive: no field of theirs has a default", () => {
  const well = (name: string) =>
    `{"name": "${name}", "__qualname__": "HarmonicWellComponent", "__module__": "alchemiscale_harmonic"}`;
  const { computed } = verifyKey({ key: "HarmonicWellComponent-", text: well("a") });
  expect(verifyKey({ key: computed ?? "", text: well("a") })).toMatchObject({ conclusive: true, matches: true });
  expect(verifyKey({ key: computed ?? "", text: well("b") })).toMatchObject({ conclusive: true, matches: false });
});

test("values of every codec are hashed by their text", () => {
  for (const codec of [
    "bytes",
    "composite",
    "datetime",
    "ndarray",
    "numpy_scalar",
    "path",
    "quantity",
    "settings",
    "unit",
    "uuid",
  ]) {
    for (const row of goldenRows<{ json?: string; holder_canonical?: string; holder_key?: string }>(`codecs/${codec}.json`)) {
      if (row.json === undefined || row.holder_key === undefined) continue;
      const text = `{"payload": ${row.json}, "__qualname__": "Holder", "__module__": "toy_protocols", ":version:": 1}`;
      expect(canonicalText(text).text).toBe(row.holder_canonical);
      expect(verifyKey({ key: row.holder_key, text }).matches).toBe(true);
    }
  }
});

const module = (name: string, qualname: string, rest: string) =>
  `{${rest}, "__qualname__": "${qualname}", "__module__": "${name}"}`;
const zeros = "0".repeat(32);

describe("what a mismatch proves", () => {
  test("everything for a class of gufe", () => {
    const text = module("gufe.chemicalsystem", "ChemicalSystem", '"components": {}, "name": "a"');
    expect(verifyKey({ key: `ChemicalSystem-${zeros}`, text })).toMatchObject({ matches: false, conclusive: true });
  });

  test("everything for Protocols, which hold their settings alone", () => {
    const text = module("somewhere", "SomeProtocol", '"settings": {"a": 1}');
    expect(verifyKey({ key: `SomeProtocol-${zeros}`, text })).toMatchObject({ matches: false, conclusive: true });
  });

  test("nothing for classes with unknown defaults", () => {
    const text = module("somewhere", "SomeComponent", '"mass": 1');
    expect(verifyKey({ key: `SomeComponent-${zeros}`, text })).toMatchObject({ matches: false, conclusive: false });
  });

  test("nothing where numeric names may have had another order", () => {
    const text = module("somewhere", "SomeProtocol", '"settings": {"10": 1, "9": 2}');
    expect(verifyKey({ key: `SomeProtocol-${zeros}`, text })).toMatchObject({ matches: false, conclusive: false });
  });

  test("nothing can be said of classes with a rule of their own", () => {
    const text = module("alchemiscale.storage.models", "Task", '"_key": "x"');
    const task = { key: `Task-${zeros}`, text: text.replace('"_key"', '"other"') };
    expect(verifyKey(task)).toMatchObject({ computed: null, conclusive: false, matches: null });
  });

  test("a UUID key must be the object's own", () => {
    const unit = (own: string) => module("somewhere", "SomeUnit", `"inputs": {}, "name": null, "_key": "${own}"`);
    const key = `SomeUnit-${zeros}`;
    expect(verifyKey({ key, text: unit(key) })).toMatchObject({ computed: null, conclusive: true, matches: true });
    expect(verifyKey({ key, text: unit(`SomeUnit-${"1".repeat(32)}`) })).toMatchObject({ computed: null, matches: false });
  });
});

test("other members of a reference are no part of the content", () => {
  const text = (reference: string) =>
    module("gufe.chemicalsystem", "ChemicalSystem", `"components": {"a": ${reference}}, "name": ""`);
  const bare = canonicalText(text(`{":gufe-key:": "X-${zeros}"}`)).text;
  expect(canonicalText(text(`{"extra": [1], ":gufe-key:": "X-${zeros}"}`)).text).toBe(bare);
});

test("the classes known here have the defaults that Python says they have", () => {
  interface ClassRow {
    module: string;
    qualname: string;
    defaults: Record<string, unknown>;
    content_hashed: boolean;
  }
  // Defaults that never equal the field of that name (spec/gufe.md §1.4): a quantity against a text; null against what is always
  // an object or a list; parameters that are no field.
  const idle = new Set(["ion_concentration", "metadata", "validate", "nodes", "edges", ":version:"]);
  let compared = 0;
  for (const row of goldenRows<ClassRow>("tables/class_defaults.json")) {
    const rule = keyRule({ module: row.module, qualname: row.qualname, hasOwnKey: false, names: ["x"] });
    if (rule.kind !== "content" || row.qualname === "SmallMoleculeComponent") continue;
    compared += 1;
    expect(Object.fromEntries(rule.defaults)).toEqual(
      Object.fromEntries(Object.entries(row.defaults).filter(([name]) => !idle.has(name))),
    );
  }
  expect(compared).toBeGreaterThan(12);
});
