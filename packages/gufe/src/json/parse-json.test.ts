import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryJson } from "../../test/arbitrary-json.ts";
import { JsonLimitError, JsonSyntaxError } from "../errors.ts";
import { type Json, JsonNumber } from "./json.ts";
import { jsonToPlain } from "./json-to-plain.ts";
import { parseJson } from "./parse-json.ts";
import { scanMembers } from "./scan-members.ts";
import { writeJson } from "./write-json.ts";

const depth = 100_000;
const document = String.raw`{"a": [1, -2.5e+3, NaN, true, false, null], "b\n": {"c": "d\ud83d\ude00\"", "": []}, "e": {}}`;

describe("lossless JSON", () => {
  test("any tree comes back from its text", () => {
    fc.assert(
      fc.property(arbitraryJson, (json) => {
        const text = writeJson(json);
        expect(parseJson(text)).toEqual(json);
        expect(writeJson(parseJson(text))).toBe(text);
      }),
    );
  });

  test("ordinary documents mean what they mean to JSON.parse", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(writeJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("a document cut short at any character is refused", () => {
    for (let length = 0; length < document.length; length++) {
      expect(() => parseJson(document.slice(0, length))).toThrow(JsonSyntaxError);
    }
    expect(writeJson(parseJson(document))).toBe(document);
  });

  test.each([
    "[1,]",
    '{"a":1,}',
    "[1 2]",
    '{"a" 1}',
    "{a:1}",
    "[",
    "]",
    "}",
    "[}",
    '{"a":}',
    "1 2",
    "tru",
    "nulll",
    '"\u0001"',
    "\ufeff1",
    "[1]]",
  ])("%j is refused", (text) => {
    expect(() => parseJson(text)).toThrow(JsonSyntaxError);
  });

  test("an error says at which character", () => {
    expect(() => parseJson('{"a": [1, 2,, 3]}')).toThrow(expect.objectContaining({ where: "character 12", code: "syntax" }));
    expect(() => parseJson('{"a": [1, 2')).toThrow(expect.objectContaining({ where: "character 11", code: "truncated" }));
  });

  test("100,000 levels deep is read and written", () => {
    const arrays = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(writeJson(parseJson(arrays))).toBe(arrays);
    const objects = `${'{"a": '.repeat(depth)}1${"}".repeat(depth)}`;
    expect(writeJson(parseJson(objects))).toBe(objects);
    jsonToPlain(parseJson(objects));
  });

  test("a limit of depth is kept", () => {
    expect(parseJson("[[[]]]", { maxDepth: 3 })).toEqual([[[]]]);
    expect(() => parseJson("[[[[]]]]", { maxDepth: 3 })).toThrow(JsonLimitError);
    expect(() => scanMembers('{"a": [[]]}', { maxDepth: 2 })).toThrow(JsonLimitError);
  });

  test("a repeated member has the last value at the first one's position", () => {
    expect(writeJson(parseJson('{"a": 1, "b": 2, "\\u0061": 3}'))).toBe('{"a": 3, "b": 2}');
  });

  test("__proto__ is a member like any other", () => {
    const json = parseJson('{"__proto__": {"x": 1}, "constructor": 2}');
    expect(writeJson(json)).toBe('{"__proto__": {"x": 1}, "constructor": 2}');
    const plain = jsonToPlain(json) as Record<string, unknown>;
    expect(Object.keys(plain)).toEqual(["__proto__", "constructor"]);
    expect(plain.x).toBeUndefined();
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("lone surrogates stay, adjacent halves in two escapes are one character", () => {
    expect(writeJson(parseJson('"\\ud800"'))).toBe('"\\ud800"');
    expect(parseJson('"\\ud83d\\ude00"')).toBe("😀");
    expect(writeJson(parseJson('"\\udc00\\ud800"'))).toBe('"\\udc00\\ud800"');
  });
});

describe("plain values", () => {
  test("are what JSON.parse gives", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const wanted: unknown = JSON.parse(text);
        const plain = JSON.stringify(jsonToPlain(parseJson(text)), (_, value) =>
          typeof value === "bigint" ? Number(value) : value,
        );
        expect(JSON.parse(plain)).toEqual(JSON.parse(JSON.stringify(wanted)));
      }),
    );
  });

  test("integers beyond 2^53 are bigints", () => {
    expect(jsonToPlain(parseJson("[9007199254740991, 9007199254740993, 2.0, 1e20]"))).toEqual([
      9007199254740991,
      9007199254740993n,
      2,
      1e20,
    ]);
  });

  test("an integer too long to be one is refused", () => {
    expect(() => jsonToPlain(new JsonNumber("9".repeat(5000)))).toThrow(JsonLimitError);
  });
});

describe("members of an object", () => {
  test("are its own characters", () => {
    const members = scanMembers(' {"a" : [1, 2.0 ] , "b":"x\\u0041", "a": {"c":  NaN}}');
    expect([...members]).toEqual([
      ["a", '{"c":  NaN}'],
      ["b", '"x\\u0041"'],
    ]);
  });

  test("of any tree", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), arbitraryJson), (object) => {
        const json = new Map<string, Json>(Object.entries(object));
        const members = scanMembers(writeJson(json));
        expect([...members]).toEqual([...json].map(([name, value]) => [name, writeJson(value)]));
      }),
    );
  });

  test.each(["[]", '"a"', "{", '{"a": [1}', '{"a": 1} x', "", '{"a": tru}'])("%j is refused", (text) => {
    expect(() => scanMembers(text)).toThrow(JsonSyntaxError);
  });
});
