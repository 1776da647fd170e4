import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goldenBytes, goldenObjects } from "../../test/golden.ts";
import { bytesToLatin1 } from "../codecs/latin-1.ts";
import { JsonSyntaxError, ShapeError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { pythonString } from "../json/python-string.ts";
import { decompressZstd } from "../zstd.ts";
import { MemberExtractor } from "./member-extractor.ts";

const resultPath = ["protocoldagresult", "latin-1"];

function extract(body: Uint8Array, sizes: readonly number[] = [1000]) {
  const pieces: Uint8Array[] = [];
  const values: Record<string, Json> = {};
  const events: string[] = [];
  const extractor = new MemberExtractor({
    bytesAt: [resultPath],
    valuesAt: [["compute_service_id"]],
    onBytesStart: (path) => void events.push(`start ${path.join(".")}`),
    onBytes: (bytes) => void pieces.push(bytes),
    onBytesEnd: (path) => void events.push(`end ${path.join(".")}`),
    onValue: (path, value) => {
      values[path.join(".")] = value;
    },
  });
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = sizes[i % sizes.length] as number;
    // A Buffer, as Node's streams give them.
    const chunk = Buffer.from(body.subarray(at, at + size));
    extractor.write(chunk);
    chunk.fill(0);
    at += size;
  }
  extractor.end();
  return { bytes: new Uint8Array(Buffer.concat(pieces)), values, events };
}

const encode = (text: string) => new TextEncoder().encode(text);
const bodyOf = (text: string) =>
  encode(`{"x": [{"latin-1": "no"}], "compute_service_id": "svc", "protocoldagresult": {"a": 1, "latin-1": ${text}}}`);

describe("the members of a posted result", () => {
  test("come out of real requests, in every cut", () => {
    const golden = goldenObjects().filter((entry) => entry.files.post_body_json !== undefined);
    expect(golden.length).toBeGreaterThan(0);
    for (const entry of golden) {
      const body = goldenBytes(entry.files.post_body_json as string);
      const stored = goldenBytes(entry.files.stored_zst as string);
      for (const sizes of [[1], [7, 3], [65_536]]) {
        const { bytes, values, events } = extract(body, sizes);
        expect(Buffer.compare(decompressZstd(bytes, { maxBytes: 1e8 }), stored)).toBe(0);
        expect(values).toEqual({ compute_service_id: entry.compute_service_id });
        expect(events).toEqual(["start protocoldagresult.latin-1", "end protocoldagresult.latin-1"]);
      }
    }
  });

  test("are any bytes, escaped as Python does or as raw UTF-8, in any cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), sizes, fc.boolean(), (bytes, cut, raw) => {
        const text = bytesToLatin1(bytes);
        const { bytes: out } = extract(bodyOf(raw ? JSON.stringify(text) : pythonString(text)), cut);
        expect(Buffer.compare(out, bytes)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test("come in any order", () => {
    const { bytes, values } = extract(
      encode('{"protocoldagresult": {"latin-1": "ab", ":is_custom:": true}, "compute_service_id": null}'),
    );
    expect([...bytes]).toEqual([0x61, 0x62]);
    expect(values).toEqual({ compute_service_id: null });
  });

  test("are found under escaped names", () => {
    expect([...extract(encode('{"protocoldagr\\u0065sult": {"latin\\u002d1": "\\u00ff"}}')).bytes]).toEqual([0xff]);
  });

  test("that are absent are the caller's to miss", () => {
    expect(extract(encode('{"protocoldagresult": null}'))).toMatchObject({ values: {}, events: [] });
  });

  test.each(['"\\u0100"', '"€"', '"\\ud83d\\ude00"', '"ā"'])("refuse text that is no bytes: %s", (text) => {
    expect(() => extract(bodyOf(text), [1])).toThrow(ShapeError);
    expect(() => extract(bodyOf(text), [1000])).toThrow(ShapeError);
  });

  test("refuse a member of another type, and one given twice", () => {
    expect(() => extract(bodyOf("[1]"))).toThrow(ShapeError);
    expect(() => extract(encode('{"protocoldagresult": {"latin-1": "a", "latin-1": "b"}}'))).toThrow(/given twice/);
    expect(() => extract(encode('{"protocoldagresult": {"latin-1": "a"}, "protocoldagresult": 1}'))).toThrow(/given twice/);
    expect(() => extract(encode("[]"))).toThrow(ShapeError);
  });

  test("refuse a body cut short at any byte", () => {
    const body = bodyOf('"a\\u00b5\\n"');
    for (let length = 0; length < body.length; length++) {
      expect(() => extract(body.slice(0, length), [5])).toThrow(JsonSyntaxError);
    }
  });

  test("or are their text as it stands, however deep, in any cut; too much of it is no error, and the last of two counts", () => {
    const text = '{ "n": 1.50, "s": "\\u00e9 ü", "a": [NaN, {"more": {}}] }';
    for (const size of [1, 7, 1000]) {
      const found: (string | null)[] = [];
      const extractor = new MemberExtractor({
        textsAt: [["more"], ["in", "it"]],
        maxValueBytes: 100,
        onText: (_, value) => found.push(value),
      });
      const body = encode(`{"more": "${"x".repeat(99)}", "more": ${text}, "in": {"it": 7, "more": 8}, "it": 9}`);
      for (let at = 0; at < body.length; at += size) extractor.write(body.subarray(at, at + size));
      extractor.end();
      expect(found).toEqual([null, text, "7"]);
    }
  });
});
