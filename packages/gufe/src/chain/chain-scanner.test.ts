import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { ChainError } from "../errors.ts";
import { verifyKey } from "../keys/verify-key.ts";
import { ChainScanner, type ScannedEntry } from "./chain-scanner.ts";
import { sliceKeyedChain } from "./slice-keyed-chain.ts";

function scan(text: string, options: { readonly chunk?: number; readonly maxTextBytes?: number } = {}): ScannedEntry[] {
  const bytes = new TextEncoder().encode(text);
  const { chunk = bytes.length, ...limits } = options;
  const entries: ScannedEntry[] = [];
  const scanner = new ChainScanner({ ...limits, onEntry: (entry) => entries.push(entry) });
  for (let at = 0; at < bytes.length; at += chunk) scanner.write(bytes.slice(at, at + chunk));
  scanner.end();
  return entries;
}

const zeros = "0".repeat(32);
const unit = (key: string, ownKey: string, data: string) =>
  `["${key}", {"data": "${data}", "_key": "${ownKey}", "__qualname__": "ProtocolUnitResult", "__module__": "gufe.protocols.protocolunit"}]`;

describe("a chain that is read as it comes", () => {
  const golden = goldenObjects().slice(0, 40);
  test.each(golden.map((entry) => [entry.name, entry] as const))(
    "of %s gives what the whole text gives, in any cut",
    (_, entry) => {
      const text = goldenChain(entry);
      const whole = sliceKeyedChain(text).entries.map(({ key, qualname, module, text }) => {
        return { key, qualname, module, text, verification: verifyKey({ key, text }) };
      });
      for (const chunk of [7, 4096]) expect(scan(text, { chunk })).toEqual(whole);
    },
  );

  test("does not hold what is too long, and tells of it what its own key tells", () => {
    const [key, other] = [`ProtocolUnitResult-${zeros}`, `ProtocolUnitResult-${"1".repeat(32)}`];
    const long = "x".repeat(5000);
    for (const chunk of [64, 100_000]) {
      const [right, wrong, short] = scan(
        `[${unit(key, key, long)}, ${unit(other, key, long)}, ${unit(`ProtocolUnitResult-${"2".repeat(32)}`, key, "")}]`,
        {
          chunk,
          maxTextBytes: 1000,
        },
      );
      expect(right).toMatchObject({ key, text: null, verification: { matches: true, conclusive: true } });
      expect(wrong).toMatchObject({ key: other, text: null, verification: { matches: false, conclusive: true } });
      expect(short?.text).toContain('"data": ""');
    }
    const content = `[["Thing-${zeros}", {"data": "${long}", "__qualname__": "Thing", "__module__": "things"}]]`;
    expect(scan(content, { maxTextBytes: 1000 })[0]?.verification).toMatchObject({
      computed: null,
      matches: null,
      conclusive: false,
    });
  });

  test.each([
    ["an object", "{}", "not-a-chain"],
    ["an empty chain", "[]", "empty-chain"],
    ["a pair without an object", `[["A-${zeros}", 5]]`, "malformed-pair"],
    ["a pair without a key", "[[{}, {}]]", "malformed-pair"],
    ["half a pair", `[["A-${zeros}"]]`, "malformed-pair"],
    ["a key of another form", '[["A", {"__qualname__": "A", "__module__": "a"}]]', "malformed-key"],
    ["an object without a class", `[["A-${zeros}", {}]]`, "missing-marker"],
    ["an object of another class", `[["A-${zeros}", {"__qualname__": "B", "__module__": "a"}]]`, "key-prefix"],
    [
      "a reference to nothing",
      `[["A-${zeros}", {"b": {":gufe-key:": "B-${zeros}"}, "__qualname__": "A", "__module__": "a"}]]`,
      "dangling-reference",
    ],
  ])("%s is refused", (_, text, code) => {
    expect(() => scan(text)).toThrow(ChainError);
    expect(() => scan(text)).toThrow(expect.objectContaining({ code }));
  });
});
