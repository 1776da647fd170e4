import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryJson } from "../../test/arbitrary-json.ts";
import { JsonLimitError, JsonSyntaxError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { writeJson } from "../json/write-json.ts";
import { type ByteVisitor, type Interest, JsonByteScanner } from "./json-byte-scanner.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const chunkSizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });

function scan(bytes: Uint8Array, sizes: readonly number[], visitor: ByteVisitor, maxKeptBytes?: number): void {
  const scanner = new JsonByteScanner(visitor, maxKeptBytes === undefined ? {} : { maxKeptBytes });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    // A fresh copy each time, wiped afterwards: nothing may hold on to a chunk.
    const chunk = bytes.slice(at, at + size);
    scanner.write(chunk);
    chunk.fill(0x21);
    at += size;
  }
  scanner.end();
}

/** Visits everything down to `depth`, and keeps what is there. */
function collector(depth: number): { visitor: ByteVisitor; kept: [string, Json][] } {
  const kept: [string, Json][] = [];
  const visitor: ByteVisitor = {
    interest: (path, kind): Interest => (path.length < depth && (kind === "object" || kind === "array") ? "enter" : "keep"),
    kept: (path, value) => void kept.push([JSON.stringify(path), value]),
  };
  return { visitor, kept };
}

function expectedAt(json: Json, depth: number, path: (string | number)[] = []): [string, Json][] {
  if (path.length < depth && json instanceof Map)
    return [...json].flatMap(([name, value]) => expectedAt(value, depth, [...path, name]));
  if (path.length < depth && Array.isArray(json)) return json.flatMap((value: Json, i) => expectedAt(value, depth, [...path, i]));
  return [[JSON.stringify(path), json]];
}

/** Texts in the neighbourhood of JSON. */
const nearJson = fc
  .tuple(
    arbitraryJson,
    fc.array(fc.tuple(fc.nat(200), fc.constantFrom("", '"', "\\", ",", "]", "}", "0", "-", "é", "\u0001", ":", "e"))),
  )
  .map(([json, edits]) =>
    edits.reduce(
      (text, [at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
      writeJson(json),
    ),
  );

describe("reading JSON from bytes in chunks", () => {
  test("gives the values that parsing the whole gives, however it is cut", () => {
    fc.assert(
      fc.property(arbitraryJson, fc.integer({ min: 0, max: 3 }), chunkSizes, (json, depth, sizes) => {
        const { visitor, kept } = collector(depth);
        scan(encode(writeJson(json)), sizes, visitor);
        expect(kept).toEqual(expectedAt(json, depth));
      }),
      { numRuns: 500 },
    );
  });

  test("accepts what parsing accepts and refuses what it refuses, in every mode", () => {
    fc.assert(
      fc.property(nearJson, chunkSizes, fc.constantFrom<Interest>("skip", "enter", "keep", "bytes"), (text, sizes, interest) => {
        const wellFormed = !/[\ud800-\udfff]/.test(text);
        fc.pre(wellFormed);
        const accepts = (run: () => void) => {
          try {
            run();
            return true;
          } catch (error) {
            if (error instanceof JsonSyntaxError) return false;
            if ((error as { code?: string }).code === "not-latin-1") return undefined;
            throw error;
          }
        };
        const whole = accepts(() => void parseJson(text));
        const chunked = accepts(() => scan(encode(text), sizes, { interest: () => interest }));
        if (chunked !== undefined) expect(chunked).toBe(whole);
      }),
      { numRuns: 1500 },
    );
  });

  test("refuses a text cut short at any byte", () => {
    const bytes = encode('{"a": [1, -2.5e+3, NaN, true, -Infinity], "é\\u00e9": {"c": "d😀\\n"}}');
    for (let length = 0; length < bytes.length; length++) {
      for (const interest of ["skip", "enter", "keep"] as const) {
        expect(() => scan(bytes.slice(0, length), [7], { interest: () => interest })).toThrow(JsonSyntaxError);
      }
    }
  });

  test.each([
    ["a lone continuation", [0x22, 0x80, 0x22]],
    ["an overlong form", [0x22, 0xc0, 0xaf, 0x22]],
    ["an overlong form of three", [0x22, 0xe0, 0x80, 0xaf, 0x22]],
    ["a surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a code point too large", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ["a sequence cut short", [0x22, 0xe2, 0x82, 0x22]],
    ["a byte order mark", [0xef, 0xbb, 0xbf, 0x31]],
  ])("refuses %s, kept or not", (_, bytes) => {
    for (const interest of ["skip", "keep"] as const) {
      expect(() => scan(Uint8Array.from(bytes), [1], { interest: () => interest })).toThrow(JsonSyntaxError);
    }
  });

  test("an error says at which byte, counted over all chunks", () => {
    expect(() => scan(encode('{"é": [1, 2,, 3]}'), [3], { interest: () => "skip" })).toThrow(
      expect.objectContaining({ where: "byte 13" }),
    );
  });

  test("a value to be kept has a limit, a value passed over has none", () => {
    const text = encode(`{"a": "${"x".repeat(5000)}"}`);
    const visitor = (interest: Interest): ByteVisitor => ({ interest: (path) => (path.length === 0 ? "enter" : interest) });
    expect(() => scan(text, [100], visitor("keep"), 1000)).toThrow(JsonLimitError);
    scan(text, [100], visitor("skip"), 1000);
    expect(() => scan(encode(`{"${"x".repeat(5000)}": 1}`), [100], visitor("skip"), 1000)).toThrow(JsonLimitError);
  });

  test("100,000 levels deep is passed over and kept", () => {
    const deep = encode(`${'{"a":['.repeat(100_000)}${"]}".repeat(100_000)}`);
    scan(deep, [1000], { interest: () => "skip" });
    scan(deep, [1000], { interest: () => "keep" });
    scan(deep, [1000], { interest: () => "enter" });
  });
});
