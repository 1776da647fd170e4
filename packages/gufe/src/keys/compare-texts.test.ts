import { describe, expect, test } from "vitest";
import { compareTexts } from "./compare-texts.ts";

const system = (name: string, rest = "") =>
  `{"components": {}${rest}, "name": ${name}, "__qualname__": "ChemicalSystem", "__module__": "gufe.chemicalsystem", ":version:": 1}`;
const other = (fields: string, qualname = "SomeComponent") =>
  `{${fields}, "__qualname__": "${qualname}", "__module__": "somewhere"}`;

describe("two texts under one key", () => {
  test("the same characters are the same", () => {
    expect(compareTexts(system('"a"'), system('"a"'))).toBe("same");
  });

  test("blanks, order and written defaults are equivalent", () => {
    expect(compareTexts(system('"a"'), ` ${system('"a"').replaceAll(", ", ",")}`)).toBe("equivalent");
    expect(compareTexts(system('""'), system('""').replace(', "name": ""', ""))).toBe("equivalent");
    expect(compareTexts(other('"a": 1, "b": 2'), other('"b": 2, "a": 1'))).toBe("equivalent");
  });

  test("other content of a class with known defaults is conclusively different", () => {
    expect(compareTexts(system('"a"'), system('"b"'))).toBe("conclusively-different");
    expect(compareTexts(system('""'), system("null"))).toBe("conclusively-different");
    expect(compareTexts(system('"a"'), system('"a"', ', "more": 1'))).toBe("conclusively-different");
  });

  test("1 and 1.0 are different content", () => {
    expect(compareTexts(other('"settings": {"a": 1}', "P"), other('"settings": {"a": 1.0}', "P"))).toBe("conclusively-different");
    expect(compareTexts(other('"settings": {"a": 1.0}', "P"), other('"settings": {"a": 10e-1}', "P"))).toBe("equivalent");
  });

  test("another class is conclusively different", () => {
    expect(compareTexts(other('"a": 1', "A"), other('"a": 1', "B"))).toBe("conclusively-different");
  });

  test("a class with unknown defaults is undecided", () => {
    expect(compareTexts(other('"a": 1'), other('"a": 1, "b": 2'))).toBe("undecided");
    expect(compareTexts(other('"a": 1'), other('"a": 2'))).toBe("undecided");
  });

  test("UUID keys and rules of a class's own are undecided", () => {
    expect(compareTexts(other('"_key": "k", "a": 1'), other('"_key": "k", "a": 2'))).toBe("undecided");
    expect(compareTexts("[]", "{}")).toBe("undecided");
  });
});
