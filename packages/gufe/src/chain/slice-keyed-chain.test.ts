import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { ChainError, GufeError, JsonSyntaxError } from "../errors.ts";
import { joinKeyedChain, joinKeyedChainChunks } from "./join-keyed-chain.ts";
import { sliceKeyedChain } from "./slice-keyed-chain.ts";

const key = (n: number, qualname = "Thing") => `${qualname}-${n.toString(16).padStart(32, "0")}`;
const dict = (fields: string, qualname = "Thing") =>
  `{${fields === "" ? "" : `${fields}, `}"__qualname__": "${qualname}", "__module__": "somewhere"}`;
const reference = (n: number) => `{":gufe-key:": "${key(n)}"}`;
const pair = (n: number, fields = "") => `["${key(n)}", ${dict(fields)}]`;
const chainOf = (...pairs: string[]) => `[${pairs.join(", ")}]`;
const failure = (text: string, options = {}): Partial<GufeError> => {
  try {
    sliceKeyedChain(text, options);
  } catch (error) {
    if (error instanceof GufeError) return error;
    throw error;
  }
  throw new Error("no error");
};

describe("slicing a keyed chain", () => {
  test("gives each object's own characters, references and height", () => {
    const text = chainOf(
      pair(1, '"a": 1.0'),
      pair(2, `"x": ${reference(1)}`),
      pair(3, `"l": [${reference(2)}, ${reference(1)}, ${reference(2)}]`),
    );
    const { entries, root } = sliceKeyedChain(text);
    expect(entries.map((entry) => entry.text)).toEqual([
      dict('"a": 1.0'),
      dict(`"x": ${reference(1)}`),
      dict(`"l": [${reference(2)}, ${reference(1)}, ${reference(2)}]`),
    ]);
    expect(entries.map((entry) => entry.references)).toEqual([[], [key(1)], [key(2), key(1)]]);
    expect(entries.map((entry) => entry.height)).toEqual([0, 1, 2]);
    expect(root).toBe(entries[2]);
    expect(root).toMatchObject({ key: key(3), qualname: "Thing", module: "somewhere" });
  });

  test("blanks between the parts do not matter", () => {
    const { root } = sliceKeyedChain(` [ [\n"${key(1)}" ,\t${dict('"a": 1')}\r]\n] `);
    expect(root.text).toBe(dict('"a": 1'));
  });

  test("any chain comes back from its parts", () => {
    const bodies = fc.array(fc.tuple(fc.jsonValue(), fc.array(fc.nat(30), { maxLength: 4 })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bodies, (objects) => {
        const pairs = objects.map(([value, refs], i) => {
          const earlier = refs.filter((n) => n < i).map((n) => reference(n + 1));
          return pair(i + 1, `"value": ${JSON.stringify(value)}, "refs": [${earlier.join(", ")}]`);
        });
        const { entries } = sliceKeyedChain(chainOf(...pairs));
        expect(joinKeyedChain(entries)).toBe(chainOf(...pairs));
        expect([...joinKeyedChainChunks(entries)].join("")).toBe(chainOf(...pairs));
        const byHeight = [...entries].sort((a, b) => a.height - b.height);
        const seen = new Set<string>();
        for (const entry of byHeight) {
          expect(entry.references.every((target) => seen.has(target))).toBe(true);
          seen.add(entry.key);
        }
      }),
    );
  });

  test("an identical repeated pair is skipped, also when it is the root", () => {
    const { entries, root } = sliceKeyedChain(chainOf(pair(1), pair(2), pair(1)));
    expect(entries.map((entry) => entry.key)).toEqual([key(1), key(2)]);
    expect(root.key).toBe(key(1));
  });

  test("a pair repeated with other blanks is skipped, at the price of its own length", () => {
    const blank = pair(1).replace("{", `{${" ".repeat(5_000_000)}`);
    const { entries } = sliceKeyedChain(chainOf(blank, ...Array.from({ length: 20_000 }, () => pair(1))));
    expect(entries.length).toBe(1);
  });

  test("a reference hidden in an escaped name or beside other members is one", () => {
    const { root } = sliceKeyedChain(chainOf(pair(1), pair(2, `"x": {"\\u003agufe-key:": "${key(1)}", "more": [1]}`)));
    expect(root.references).toEqual([key(1)]);
  });

  test("JSON held in strings, and a member of the object itself, are no references", () => {
    const { root } = sliceKeyedChain(chainOf(pair(1, `":gufe-key:": "x", "s": "{\\":gufe-key:\\": \\"${key(7)}\\"}"`)));
    expect(root.references).toEqual([]);
  });

  test("of a repeated member :gufe-key: the last counts", () => {
    const { root } = sliceKeyedChain(chainOf(pair(1), pair(2, `"x": {":gufe-key:": 5, ":gufe-key:": "${key(1)}"}`)));
    expect(root.references).toEqual([key(1)]);
  });
});

describe("a hostile chain is refused with the place", () => {
  test.each([
    ["an object", "{}", "not-a-chain", ""],
    ["a null", "null", "not-a-chain", ""],
    ["an empty chain", "[]", "empty-chain", ""],
    ["a pair of one", `[["${key(1)}"]]`, "malformed-pair", "[0]"],
    ["a pair of three", `[["${key(1)}", ${dict("")}, 1]]`, "malformed-pair", "[0]"],
    ["a pair without an object", `[${pair(1)}, ["${key(2)}", []]]`, "malformed-pair", "[1]"],
    ["a key that is no text", `[[1, ${dict("")}]]`, "malformed-pair", "[0]"],
    ["a bare object", `[${dict("")}]`, "malformed-pair", "[0]"],
    ["a key without a token", `[["Thing", ${dict("")}]]`, "malformed-key", "[0][0]"],
    ["a key with a short token", `[["Thing-1", ${dict("")}]]`, "malformed-key", "[0][0]"],
    ["a key in upper case", `[["Thing-${"A".repeat(32)}", ${dict("")}]]`, "malformed-key", "[0][0]"],
    ["a key with something behind", `[["${key(1)}\\n", ${dict("")}]]`, "malformed-key", "[0][0]"],
    ["a key with a second hyphen", `[["Thing-x-${"0".repeat(32)}", ${dict("")}]]`, "malformed-key", "[0][0]"],
    ["no class", `[["${key(1)}", {"__module__": "a"}]]`, "missing-marker", "[0][1]"],
    ["no module", `[["${key(1)}", {"__qualname__": "Thing"}]]`, "missing-marker", "[0][1]"],
    ["a class that is no text", `[["${key(1)}", {"__qualname__": 1, "__module__": "a"}]]`, "missing-marker", "[0][1]"],
    ["another class", `[["${key(1)}", ${dict("", "Other")}]]`, "key-prefix", "[0][1].__qualname__"],
    ["another own key", chainOf(pair(1, `"_key": "${key(2)}"`)), "own-key", "[0][1]._key"],
    [
      "a dangling reference",
      chainOf(pair(1), pair(2, `"a": {"b": [0, ${reference(9)}]}`)),
      "dangling-reference",
      "[1][1].a.b[1]",
    ],
    ["a forward reference", chainOf(pair(1, `"stateA": ${reference(2)}`), pair(2)), "forward-reference", "[0][1].stateA"],
    ["a cycle", chainOf(pair(1, `"a": ${reference(2)}`), pair(2, `"a": ${reference(1)}`)), "forward-reference", "[0][1].a"],
    ["a reference to itself", chainOf(pair(1, `"a": ${reference(1)}`)), "cycle", "[0][1].a"],
    ["a repeated key with other content", chainOf(pair(1, '"a": 1'), pair(1, '"a": 2')), "repeated-key", "[1]"],
  ])("%s", (_, text, code, where) => {
    const error = failure(text);
    expect(error).toBeInstanceOf(ChainError);
    expect(error.code).toBe(code);
    if (where !== "") expect(error.where).toBe(where);
  });

  test("a reference that is no text", () => {
    expect(failure(chainOf(pair(1, '"a": {":gufe-key:": 5}'))).code).toBe("malformed-reference");
  });

  test("a chain cut short at any character", () => {
    const text = chainOf(pair(1, '"a": [1, {"b": "c\\u00e9"}]'), pair(2, `"x": ${reference(1)}`));
    for (let length = 0; length < text.length; length++) {
      const error = failure(text.slice(0, length));
      expect(error).toBeInstanceOf(JsonSyntaxError);
      expect(error.where).toBe(`character ${length}`);
    }
    expect(sliceKeyedChain(text).entries.length).toBe(2);
  });

  test("anything behind the chain", () => {
    expect(failure(`${chainOf(pair(1))} []`)).toBeInstanceOf(JsonSyntaxError);
  });

  test("100,000 levels deep is no harm, with references at the bottom", () => {
    const deep = (inner: string) => `${"[".repeat(100_000)}${inner}${"]".repeat(100_000)}`;
    expect(sliceKeyedChain(chainOf(pair(1), pair(2, `"a": ${deep(reference(1))}`))).root.references).toEqual([key(1)]);
    expect(failure(chainOf(pair(1, `"a": ${deep(reference(9))}`))).code).toBe("dangling-reference");
  });

  test("a member __proto__ is content like any other", () => {
    const text = chainOf(pair(1, '"__proto__": {"polluted": true}'));
    expect(joinKeyedChain(sliceKeyedChain(text).entries)).toBe(text);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("an error message holds no more than a little of a long key", () => {
    expect(failure(`[["${"x".repeat(100_000)}", ${dict("")}]]`).message?.length).toBeLessThan(500);
  });
});

describe("keys that do not fit their content", () => {
  const golden = goldenObjects().find((entry) => entry.name === "chemical_system/named");
  const text = goldenChain(golden as NonNullable<typeof golden>).replace(
    '"__module__": "gufe.chemicalsystem"',
    '"x": 1, "__module__": "gufe.chemicalsystem"',
  );

  test("are kept as submitted", () => {
    expect(sliceKeyedChain(text).root.key).toBe(golden?.gufe_key);
  });

  test("are refused when strict", () => {
    expect(failure(text, { strict: true })).toMatchObject({ code: "key-mismatch" });
  });
});
