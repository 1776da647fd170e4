import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects, goldenText } from "../../test/golden.ts";
import { ChainError, JsonLimitError } from "../errors.ts";
import { keyedChainFromDeep, keyedChainFromText } from "./keyed-chain-from-deep.ts";
import { jsonStringChunks, nestChain } from "./nest-chain.ts";
import { sliceKeyedChain } from "./slice-keyed-chain.ts";

const withDeepForm = goldenObjects().filter((entry) => entry.files.dict_json !== undefined);
const key = (n: number) => `T-${n.toString(16).padStart(32, "0")}`;
const reference = (n: number) => `{":gufe-key:": "${key(n)}"}`;
const entry = (n: number, text: string) => ({ key: key(n), text });

describe("the nested form", () => {
  test("is the text that Python's to_dict gives", () => {
    expect(withDeepForm.length).toBeGreaterThan(30);
    for (const golden of withDeepForm) {
      const { entries, root } = sliceKeyedChain(goldenChain(golden));
      expect([...nestChain(entries, root.key)].join("")).toBe(goldenText(golden.files.dict_json as string));
    }
  });

  test("as a JSON string is, byte for byte, what the compute API of 0.7.2 answers", () => {
    const chain = goldenText("http/task-transformation-gufe.json");
    const { entries, root } = sliceKeyedChain(chain.slice(1, chain.lastIndexOf(", null]")));
    const answer = `[${[...jsonStringChunks(nestChain(entries, root.key))].join("")}, null]`;
    expect(answer).toBe(goldenText("http/task-transformation-gufe-v072.json"));
  });

  test("has an object twice that is used twice, and nothing of what a reference holds besides", () => {
    const entries = [
      entry(1, '{"a": 1.0}'),
      entry(2, `{"x": ${reference(1)}, "y": [{"more": ${reference(7)}, ":gufe-key:": "${key(1)}"}]}`),
    ];
    expect([...nestChain(entries, key(2))].join("")).toBe('{"x": {"a": 1.0}, "y": [{"a": 1.0}]}');
  });

  test("that would be exponentially long is refused before its first piece", () => {
    const entries = [entry(0, '{"a": 1}')];
    for (let n = 1; n <= 200; n++) entries.push(entry(n, `{"a": ${reference(n - 1)}, "b": ${reference(n - 1)}}`));
    expect(() => nestChain(entries, key(200))).toThrow(JsonLimitError);
    expect(() => nestChain(entries, key(10), { maxLength: 1000 })).toThrow(JsonLimitError);
    expect([...nestChain(entries, key(10))].join("").match(/"a": 1/g)?.length).toBe(1024);
  });

  test("of a long line of objects is no harm", () => {
    const entries = [entry(0, "{}")];
    for (let n = 1; n <= 50_000; n++) entries.push(entry(n, `{"a": ${reference(n - 1)}}`));
    expect([...nestChain(entries, key(50_000))].length).toBeGreaterThan(50_000);
  });

  test("of a cycle or a missing object is refused", () => {
    const cycle = [entry(1, `{"a": ${reference(2)}}`), entry(2, `{"a": [${reference(1)}]}`)];
    expect(() => nestChain(cycle, key(1))).toThrow(ChainError);
    expect(() => nestChain([entry(1, `{"a": ${reference(1)}}`)], key(1))).toThrow(ChainError);
    expect(() => nestChain([entry(1, `{"a": ${reference(5)}}`)], key(1))).toThrow(ChainError);
    expect(() => nestChain([], key(1))).toThrow(ChainError);
  });
});

describe("a deep form", () => {
  const sorted = (text: string) =>
    sliceKeyedChain(text)
      .entries.map((element) => [element.key, element.text])
      .sort();

  test("becomes the chain that Python writes for the same object, up to order", () => {
    for (const golden of withDeepForm) {
      const chain = keyedChainFromDeep(goldenText(golden.files.dict_json as string));
      expect(chain.root.key).toBe(golden.gufe_key);
      expect(chain.entries.map((element) => [element.key, element.text]).sort()).toEqual(sorted(goldenChain(golden)));
    }
  });

  test("nests again to the same text", () => {
    for (const golden of withDeepForm) {
      const text = goldenText(golden.files.dict_json as string);
      const { entries, root } = keyedChainFromText(text);
      expect([...nestChain(entries, root.key)].join("")).toBe(text);
    }
  });

  test.each([['{"a": 1}'], ["[]"], ['[{"__qualname__": "A", "__module__": "b"}]'], ["null"]])(
    "that is none is refused: %s",
    (text) => {
      expect(() => keyedChainFromDeep(text)).toThrow(ChainError);
    },
  );

  test("of 20,000 levels is read", () => {
    const text = `${'{"__qualname__": "A", "__module__": "b", "x": '.repeat(20_000)}1${"}".repeat(20_000)}`;
    expect(keyedChainFromDeep(text).entries.length).toBe(20_000);
  });
});
