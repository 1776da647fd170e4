import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonReader } from "../json/json-reader.ts";
import { type KeyedDictFacts, readKeyedDict } from "./read-keyed-dict.ts";
import { scanKeyedDict } from "./scan-keyed-dict.ts";

/** What the careful reader makes of it; undefined where it throws. */
function read(text: string): KeyedDictFacts | undefined {
  const reader = new JsonReader(text);
  try {
    reader.next();
    return readKeyedDict(reader);
  } catch {
    return undefined;
  }
}

const name = fc.constantFrom("a", "__qualname__", "__module__", "_key", ":gufe-key:", ":gufe-kex:", "_", "é", 'q"');
const scalar = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, "Holder-1", "Holder-2"),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map(Object.fromEntries),
  ),
}));
const dict = fc.array(fc.tuple(name, value), { maxLength: 6 }).map(Object.fromEntries);
const text = fc.tuple(dict, fc.constantFrom(undefined, 0, 1)).map(([members, indent]) => JSON.stringify(members, null, indent));

describe("the facts of a keyed dict read in one loop", () => {
  test("are those of the careful reader, or it gives up", () => {
    fc.assert(
      fc.property(text, (dictText) => {
        const scanned = scanKeyedDict(dictText, 0);
        if (scanned !== undefined) expect(scanned).toEqual(read(dictText));
      }),
      { numRuns: 2000 },
    );
  });

  test("are never made up: what the careful reader refuses it gives up on", () => {
    const damaged = fc.tuple(
      text,
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", "[", "{", '"', "\\", "1", "-", ".", "e", " ", "\u0000", "NaN"),
      fc.nat(3),
    );
    fc.assert(
      fc.property(damaged, ([dictText, place, put, removed]) => {
        const at = place % (dictText.length + 1);
        const wrong = `${dictText.slice(0, at)}${put}${dictText.slice(at + removed)}`;
        if (!wrong.startsWith("{")) return;
        const scanned = scanKeyedDict(wrong, 0);
        if (scanned !== undefined) expect(scanned).toEqual(read(wrong));
      }),
      { numRuns: 5000 },
    );
  });

  test("are found for what Python writes", () => {
    const written =
      '{"components": {"a": {":gufe-key:": "X-1"}, "b": {":gufe-key:": "X-2"}}, "more": [[1, 2.5e-3, {}], {":gufe-key:": "X-1"}], "text": "\\u00e9 \\":gufe-key:\\": \\"no\\"", "__qualname__": "Q", "__module__": "m", ":version:": 1}';
    expect(scanKeyedDict(` ${written}]`, 1)).toEqual({
      end: written.length + 1,
      qualname: "Q",
      module: "m",
      ownKey: undefined,
      references: ["X-1", "X-2"],
      badReferenceAt: undefined,
    });
  });

  test.each([
    '{"a": NaN}',
    '{"a": {":gufe-key:": 1}}',
    '{"a": {":gufe-key\\u003a": "X"}}',
    '{"a":',
    "{",
    '{"a": "',
    `{"a": ${"[".repeat(300)}`,
  ])("are left to the careful reader: %s", (dictText) => {
    expect(scanKeyedDict(dictText, 0)).toBeUndefined();
  });
});
