import { describe, expect, test } from "vitest";
import { goldenRows } from "../../test/golden.ts";
import { JsonSyntaxError } from "../errors.ts";
import { pythonNumber } from "../keys/python-number.ts";
import { type Json, JsonNumber } from "./json.ts";
import { parseJson } from "./parse-json.ts";
import { printJson } from "./print-json.ts";
import { pythonString } from "./python-string.ts";
import { writeJson } from "./write-json.ts";

/** As Python dumps what it has loaded: numbers are written anew. */
const redumped = (json: Json) => printJson(json, { number: pythonNumber, members: (object) => object });

interface ParseRow {
  text: string;
  error?: string;
  dumps?: string;
}

describe("texts are read as Python's json module reads them", () => {
  test.each(goldenRows<ParseRow>("traps/parse.json").map((row) => [JSON.stringify(row.text), row] as const))("%s", (_, row) => {
    if (row.error !== undefined) expect(() => parseJson(row.text)).toThrow(JsonSyntaxError);
    else expect(redumped(parseJson(row.text))).toBe(row.dumps);
  });
});

test("every character is escaped as Python escapes it", () => {
  for (const [codePoint, text] of goldenRows<[number, string]>("traps/chars.json")) {
    expect(pythonString(String.fromCodePoint(codePoint))).toBe(text);
    expect(parseJson(text)).toBe(String.fromCodePoint(codePoint));
  }
});

test("values are written back with the same characters", () => {
  for (const { dumps, chain_json } of goldenRows<{ dumps: string; chain_json: string }>("traps/values.json")) {
    // A dict that Python writes with one name twice: there the last value wins.
    if (!/"1": 1, "1": 2/.test(dumps)) expect(writeJson(parseJson(dumps))).toBe(dumps);
    if (chain_json !== undefined) expect(writeJson(parseJson(chain_json))).toBe(chain_json);
  }
});

test.each(["1E5", "-0", "1e400", "0.10", "123456789012345678901234567890", "NaN", "-Infinity", "1.0e+00"])(
  "the number %s keeps its characters",
  (text) => {
    expect(writeJson(parseJson(`{"a": ${text}}`))).toBe(`{"a": ${text}}`);
  },
);

test("a number tells whether Python takes it for an int", () => {
  const isInteger = (text: string) => new JsonNumber(text).isInteger;
  expect(["0", "-0", "12", "-340282366920938463463374607431768211455"].filter((text) => !isInteger(text))).toEqual([]);
  expect(["1.0", "1e5", "1E5", "NaN", "Infinity", "-Infinity"].filter(isInteger)).toEqual([]);
  expect(new JsonNumber("340282366920938463463374607431768211455").toBigInt()).toBe(2n ** 128n - 1n);
  expect(() => new JsonNumber("1.0").toBigInt()).toThrow(RangeError);
});
