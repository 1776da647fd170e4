import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryJson, arbitraryText } from "../../test/arbitrary-json.ts";
import { type Json, JsonNumber } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { printJson } from "../json/print-json.ts";
import { pythonString } from "../json/python-string.ts";
import { canonicalMembers } from "./canonical-members.ts";
import { compareCodePoints } from "./compare-code-points.ts";
import { pythonNumber } from "./python-number.ts";

/** The canonical text by the book: parse a tree, sort, print. */
const byTheBook = (json: Json): string =>
  printJson(json, {
    number: pythonNumber,
    members: (object) => {
      const reference = object.get(":gufe-key:");
      return reference === undefined ? [...object].sort((a, b) => compareCodePoints(a[0], b[0])) : [[":gufe-key:", reference]];
    },
  });

/** Writes JSON with odd blanks and escapes, driven by a list of numbers. */
function messily(json: Json, choices: readonly number[]): string {
  let at = 0;
  const choose = (n: number) => (choices[at++ % choices.length] ?? 0) % n;
  const blank = () => ["", "", " ", "  ", "\n"][choose(5)] as string;
  const comma = () => (choose(3) === 0 ? `${blank()},${blank()}` : ", ");
  const text = (value: string) => {
    switch (choose(4)) {
      case 0:
        return JSON.stringify(value);
      case 1:
        return `"${Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
      case 2:
        return pythonString(value)
          .replaceAll("/", "\\/")
          .replace(/\\u[0-9a-f]{4}/, (unit) => `\\u${unit.slice(2).toUpperCase()}`);
      default:
        return pythonString(value);
    }
  };
  const write = (value: Json): string => {
    if (value instanceof Map) {
      const members = [...value].map(
        ([name, member]) => `${text(name)}${choose(3) === 0 ? `${blank()}:${blank()}` : ": "}${write(member)}`,
      );
      return `{${blank()}${members.reduce((sum, member, i) => (i === 0 ? member : sum + comma() + member), "")}${blank()}}`;
    }
    if (Array.isArray(value)) {
      const items = (value as readonly Json[]).map(write);
      return `[${blank()}${items.reduce((sum, item, i) => (i === 0 ? item : sum + comma() + item), "")}${blank()}]`;
    }
    if (typeof value === "string") return text(value);
    return value instanceof JsonNumber ? value.text : String(value);
  };
  return write(json);
}

describe("canonical members", () => {
  test("of any text equal those of the tree, sorted and printed", () => {
    const messy = fc.array(fc.nat(60), { minLength: 1, maxLength: 40 });
    const objects = fc.array(fc.tuple(arbitraryText, arbitraryJson), { maxLength: 4 }).map((members) => new Map(members));
    fc.assert(
      fc.property(objects, messy, (json, choices) => {
        const text = messily(json, choices);
        const { members } = canonicalMembers(text, () => false);
        expect([...members]).toEqual(
          [...(parseJson(text) as ReadonlyMap<string, Json>)].map(([name, value]) => [name, byTheBook(value)]),
        );
      }),
      { numRuns: 1500 },
    );
  });

  test("of a repeated name are of the last value", () => {
    const { members } = canonicalMembers('{"a": {"x": 1, "y": 2, "x": 3}, "b": 1, "a": {"z": 1, "z": [2 ]}}', () => false);
    expect([...members]).toEqual([
      ["a", '{"z": [2]}'],
      ["b", "1"],
    ]);
    expect(canonicalMembers('{"a": {"x": 1, "y": 2, "x": 3}}', () => false).members.get("a")).toBe('{"x": 3, "y": 2}');
  });

  test("with numeric names are ordered as wanted, and tell that they might be otherwise", () => {
    const text =
      '{"a": {"2": {"10": 0, "9": 1}}, "b": {"1": 0, "2": 1}, "c": {"1e-07": 0, "-0.5": 1}, "d": {"false": 0, "true": 1}}';
    const asText = canonicalMembers(text, () => false);
    expect(asText.members.get("a")).toBe('{"2": {"10": 0, "9": 1}}');
    expect(canonicalMembers(text, () => true).members.get("a")).toBe('{"2": {"9": 1, "10": 0}}');
    expect(asText.ambiguous).toEqual(new Set(["a"]));
  });

  test("100,000 levels deep are no harm", () => {
    const deep = `${'{"a":['.repeat(50_000)}${"]}".repeat(50_000)}`;
    expect(canonicalMembers(`{"x": ${deep}}`, () => false).members.get("x")?.length).toBe(deep.length + 50_000);
  });
});
