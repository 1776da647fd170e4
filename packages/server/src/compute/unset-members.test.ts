import { expect, test } from "vitest";
import { withoutUnsetMembers } from "./unset-members.ts";

const key = "Transformation-00000000000000000000000000000000";

test("nulls and empty maps of optional members go, everything else keeps its characters", () => {
  const text =
    '{"mapping":null, "name": null,"metadata" : { }, "stateA": {":gufe-key:": "x"}, "x": 1.50e+3, "other": null, "é": {}}';
  expect(withoutUnsetMembers({ key, text }).text).toBe(
    '{"stateA": {":gufe-key:": "x"}, "x": 1.50e+3, "other": null, "\\u00e9": {}}',
  );
});

test("what is set stays", () => {
  const text = '{"mapping": [ ], "name": "", "metadata": {"a": 1}}';
  expect(withoutUnsetMembers({ key, text }).text).toBe(text);
});

test("other classes are left alone", () => {
  const entry = { key: "ChemicalSystem-00000000000000000000000000000000", text: '{"name": null, "components": {}}' };
  expect(withoutUnsetMembers(entry)).toBe(entry);
});
