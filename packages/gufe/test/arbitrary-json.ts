/** Trees of lossless JSON for property tests. */
import fc from "fast-check";
import { type Json, JsonNumber } from "../src/json/json.ts";

/** Any string of UTF-16 units, lone surrogates included. */
export const arbitraryText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom("__proto__", "constructor", ":gufe-key:", "", "10", "2"),
);

export const arbitraryNumber: fc.Arbitrary<JsonNumber> = fc
  .oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom(
      "NaN",
      "Infinity",
      "-Infinity",
      "-0",
      "0.0",
      "-0.0",
      "1E5",
      "1e-07",
      "1e400",
      "340282366920938463463374607431768211455",
    ),
  )
  .map((text) => new JsonNumber(text));

export const arbitraryJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false),
    arbitraryNumber,
    arbitraryText,
    fc.array(tie("json"), { maxLength: 5 }),
    fc.array(fc.tuple(arbitraryText, tie("json")), { maxLength: 5 }).map((members) => new Map(members)),
  ),
})).json;
