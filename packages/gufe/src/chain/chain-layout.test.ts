import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { GufeError } from "../errors.ts";
import { chainLayout } from "./chain-layout.ts";
import type { KeyedChain } from "./keyed-chain.ts";
import { sliceKeyedChain, sliceWithCare } from "./slice-keyed-chain.ts";

const key = (number: number) => `Holder-${String(number).padStart(32, "0")}`;

/** Values as lists of members, to repeat names; text as it is; and references back by so many entries. */
type Value =
  | unknown[]
  | { members: [string, unknown][] }
  | { literal: string }
  | { back: number }
  | string
  | number
  | boolean
  | null;

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", ":gufe-kex:", "_", "é", 'q"', "name", "nodes", "stateA", "protocol") },
  { weight: 1, arbitrary: fc.constantFrom("__qualname__", "__module__", "_key", ":gufe-key:") },
);
const scalar = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, key(0), key(1), "Holder", "m"),
  fc.constantFrom("NaN", "-Infinity", "1E+2", "-0.5e-7", '"\\u00e9\\ud800"').map((literal) => ({ literal })),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    scalar as fc.Arbitrary<Value>,
    fc.integer({ min: 0, max: 4 }).map((back) => ({ back })),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map((members) => ({ members })),
  ),
}));
const entry = fc.tuple(fc.array(fc.tuple(name, value), { maxLength: 4 }), fc.boolean());
/** Chains, most of them sound: repeated names and faults are a part of it. */
const chain = fc
  .tuple(fc.array(entry, { minLength: 1, maxLength: 5 }), fc.constantFrom(", ", ",", " ,\n"))
  .map(([entries, between]) => {
    const pairs = entries.map(([members, marksFirst], i) => {
      const marks: [string, unknown][] = [
        ["__qualname__", "Holder"],
        ["__module__", "m"],
      ];
      const dict = { members: marksFirst ? [...marks, ...members] : [...members, ...marks] };
      return `["${key(i)}"${between}${written(dict, i, between)}]`;
    });
    return `[${pairs.join(between)}]`;
  });

function written(json: unknown, place: number, between: string): string {
  const inner = (of: unknown) => written(of, place, between);
  if (Array.isArray(json)) return `[${json.map(inner).join(between)}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json) ?? "null";
  if ("literal" in json) return String(json.literal);
  if ("back" in json) return `{":gufe-key:": "${key(place - Math.min(place, Number(json.back)))}"}`;
  const { members } = json as { members: [string, unknown][] };
  return `{${members.map(([member, of]) => `${JSON.stringify(member)}: ${inner(of)}`).join(between)}}`;
}

/** What the careful reader makes of it; undefined where it finds a fault. */
function withCare(text: string): KeyedChain | undefined {
  try {
    return sliceWithCare(text);
  } catch (error) {
    if (error instanceof GufeError) return undefined;
    throw error;
  }
}

const layoutOf = (text: string) => chainLayout(new TextEncoder().encode(text));

describe("a chain laid out in one loop", () => {
  test("is that of the careful reader, or it gives up", () => {
    let laidOut = 0;
    fc.assert(
      fc.property(chain, (text) => {
        if (layoutOf(text) === undefined) return;
        laidOut += 1;
        expect(sliceKeyedChain(text)).toEqual(withCare(text));
      }),
      { numRuns: 3000 },
    );
    expect(laidOut).toBeGreaterThan(300);
  });

  test("is never made up: what the careful reader refuses it gives up on", () => {
    const damaged = fc.tuple(
      chain,
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", "[", "{", '"', "\\", "1", "-", ".", "e", " ", "\u0000", "NaN", "0", "é"),
      fc.nat(3),
    );
    fc.assert(
      fc.property(damaged, ([text, place, put, removed]) => {
        const at = place % (text.length + 1);
        const wrong = `${text.slice(0, at)}${put}${text.slice(at + removed)}`;
        const layout = layoutOf(wrong);
        if (layout !== undefined && layout.end === new TextEncoder().encode(wrong).length) {
          expect(sliceKeyedChain(wrong)).toEqual(withCare(wrong));
        }
      }),
      { numRuns: 8000 },
    );
  });

  test.each(
    goldenObjects()
      .filter((object) => object.kind === "network")
      .map((object) => [object.name, object] as const),
  )("needs no care for %s", (_, object) => {
    const text = goldenChain(object);
    expect(layoutOf(text)).toBeDefined();
    expect(sliceKeyedChain(text)).toEqual(sliceWithCare(text));
  });

  const pair = (number: number, members: string) =>
    `["${key(number)}", {${members}, "__qualname__": "Holder", "__module__": "m", ":version:": 1}]`;

  test.each([
    "[]",
    "[[]]",
    "{}",
    "",
    `[${pair(0, '"a": {":gufe-key:": 1}')}]`,
    `[${pair(0, '"a": 1')}, ${pair(0, '"a": 1')}]`,
    `[${pair(0, `"a": {":gufe-key:": "${key(1)}"}`)}, ${pair(1, '"a": 1')}]`,
    `[${pair(0, '"a": 1')}, ${pair(1, `"a": {":gufe-key\\u003a": "${key(0)}"}`)}]`,
    `[${pair(0, '"a": 1')}, ${pair(1, `"a": {":gufe-key:": "${key(0)}", "b": {":gufe-key:": "${key(0)}"}}`)}]`,
    `[${pair(0, `"_key": "${key(1)}"`)}]`,
    `[${pair(0, `"a": ${"[".repeat(300)}${"]".repeat(300)}`)}]`,
    `[["${key(0)}", {}]]`,
    `[["${key(0)}", {"__qualname__": "Other", "__module__": "m"}]]`,
    `[["Höolder-${"0".repeat(32)}", {"__qualname__": "Höolder", "__module__": "m"}]]`,
    `[["A-B-${"0".repeat(32)}", {"__qualname__": "A-B", "__module__": "m"}]]`,
    `[${pair(0, '"a": 1')}`,
    `[${pair(0, '"a": 1')},]`,
  ])("is left to the careful reader: %s", (text) => {
    expect(layoutOf(text)).toBeUndefined();
  });

  test("is linear in keys that were made to collide: it gives up on them", () => {
    // Equal in the low bits of FNV-1a of their last twelve digits.
    const colliding: string[] = [];
    for (let number = 0; colliding.length < 400; number += 1) {
      const digits = number.toString(16).padStart(12, "0");
      let hash = 0x811c9dc5;
      for (const digit of digits) hash = Math.imul(hash ^ digit.charCodeAt(0), 0x01000193);
      if (((hash ^ (hash >>> 15)) & 1023) === 77) colliding.push(`Holder-${"0".repeat(20)}${digits}`);
    }
    const text = `[${colliding.map((one) => `["${one}", {"__qualname__": "Holder", "__module__": "m"}]`).join(", ")}]`;
    expect(layoutOf(text)).toBeUndefined();
    expect(sliceKeyedChain(text).entries.map((entry) => entry.key)).toEqual(colliding);
  });

  test("does not end in a text that is cut short", () => {
    const text = `[${pair(0, '"a": [1.5e3, "\\u00e9", true, {":b": null}]')}]`;
    for (let length = 0; length < text.length; length += 1)
      expect(layoutOf(text.slice(0, length)), text.slice(0, length)).toBeUndefined();
    expect(layoutOf(text)?.end).toBe(text.length);
  });
});
