import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryText } from "../../test/arbitrary-json.ts";
import { compareCodePoints } from "./compare-code-points.ts";

/** Python's order, by code points; a lone surrogate is a code point of its own. */
function byCodePoints(a: string, b: string): number {
  const x = Array.from(a, (character) => character.codePointAt(0) as number);
  const y = Array.from(b, (character) => character.codePointAt(0) as number);
  const at = x.findIndex((point, i) => point !== y[i]);
  if (at < 0) return x.length - y.length;
  return at >= y.length ? 1 : (x[at] as number) - (y[at] as number);
}

test("strings are ordered by code point", () => {
  const unit = fc.constantFrom(0x61, 0xd7ff, 0xd800, 0xd83d, 0xdbff, 0xdc00, 0xde00, 0xdfff, 0xe000, 0xffff);
  const awkward = fc.array(unit, { maxLength: 6 }).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(fc.oneof(awkward, arbitraryText), fc.oneof(awkward, arbitraryText), (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(byCodePoints(a, b)));
    }),
    { numRuns: 2000 },
  );
});

test("astral characters come last", () => {
  expect(["😀", "\uffff", "a", "\ue000"].sort(compareCodePoints)).toEqual(["a", "\ue000", "\uffff", "😀"]);
});
