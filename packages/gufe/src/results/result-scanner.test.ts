import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { ChainError, GufeError, JsonSyntaxError, ShapeError } from "../errors.ts";
import { writeJson } from "../json/write-json.ts";
import { ResultScanner } from "./result-scanner.ts";
import { summarizeResult } from "./summarize-result.ts";

const zeros = "0".repeat(32);
const resultKey = `ProtocolDAGResult-${zeros}`;
const unitKey = `ProtocolUnitResult-${zeros}`;
const unit = (fields: string, key = unitKey) =>
  `["${key}", {${fields}, "__qualname__": "${key.split("-")[0]}", "__module__": "gufe.protocols.protocolunit"}]`;
const result = (units: string, results: string) =>
  `["${resultKey}", {"protocol_units": ${units}, "protocol_unit_results": ${results}, "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag"}]`;
const to = (key: string) => `{":gufe-key:": "${key}"}`;

describe("the scanner of bytes", () => {
  const golden = goldenObjects().filter((entry) => entry.kind === "protocol_dag_result");
  test.each(golden.map((entry) => [entry.name, entry] as const))(
    "says of %s what the whole text says, in any cut",
    (_, entry) => {
      const bytes = new TextEncoder().encode(goldenChain(entry));
      for (const size of [1, 13, 4096, bytes.length]) {
        const scanner = new ResultScanner();
        for (let at = 0; at < bytes.length; at += size) scanner.write(bytes.slice(at, at + size));
        expect(scanner.end()).toEqual(summarizeResult(goldenChain(entry)));
      }
    },
  );

  test("passes over 200 MB of outputs in little memory", { timeout: 60_000 }, () => {
    const scanner = new ResultScanner();
    const encoder = new TextEncoder();
    scanner.write(encoder.encode(`[["${unitKey}", {"source_key": "U-${zeros}", "outputs": {"array": "`));
    const chunk = encoder.encode("\\u00b5\\u0000abcdefghijkl\\n".repeat(3000));
    const before = process.memoryUsage().arrayBuffers;
    for (let written = 0; written < 2e8; written += chunk.length) scanner.write(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e7);
    scanner.write(
      encoder.encode(`"}, "__qualname__": "ProtocolUnitResult"}], ${result(`[${to(`U-${zeros}`)}]`, `[${to(unitKey)}]`)}]`),
    );
    expect(scanner.end().ok).toBe(true);
  });
});

test("the outputs that are asked for come with the units, all others are passed over", () => {
  const outputs = '"outputs": {"repeat_id": 340282366920938463463374607431768211455, "other": [1], "work": [{"bytes": "x"}]}';
  const chain = `[${unit(`"source_key": "U-1", ${outputs}`)}, ${result("[]", `[${to(unitKey)}]`)}]`;
  const scanner = new ResultScanner({ outputs: new Set(["repeat_id", "work", "absent"]) });
  scanner.writeText(chain);
  const [only] = scanner.end().units;
  expect([...(only?.outputs.keys() ?? [])]).toEqual(["repeat_id", "work"]);
  expect(writeJson(only?.outputs.get("repeat_id") ?? null)).toBe("340282366920938463463374607431768211455");
  expect(summarizeResult(chain).units[0]?.outputs.size).toBe(0);
});

describe("whether a result is ok", () => {
  const ok = (...entries: string[]) => summarizeResult(`[${entries.join(", ")}]`).ok;
  const failureKey = `ProtocolUnitFailure-${zeros}`;

  test("without units it is", () => expect(ok(result("[]", "[]"))).toBe(true));
  test("with a unit never run it is not", () => expect(ok(result(`[${to("U-1")}]`, "[]"))).toBe(false));
  test("one success after a failure is enough", () => {
    const failure = unit('"source_key": "U-1", "traceback": "t", "exception": ["E", []]', failureKey);
    expect(ok(failure, result(`[${to("U-1")}]`, `[${to(failureKey)}]`))).toBe(false);
    expect(ok(failure, unit('"source_key": "U-1"'), result(`[${to("U-1")}]`, `[${to(failureKey)}, ${to(unitKey)}]`))).toBe(true);
  });
  test("a success that the result does not list does not count", () => {
    expect(ok(unit('"source_key": "U-1"'), result(`[${to("U-1")}]`, "[]"))).toBe(false);
  });
});

test("exceptions are shown as Python shows them", () => {
  const key = `ProtocolUnitFailure-${zeros}`;
  const shown = (args: string) =>
    summarizeResult(
      `[${unit(`"source_key": "U-1", "traceback": "", "exception": ["ValueError", ${args}]`, key)}, ${result("[]", `[${to(key)}]`)}]`,
    ).failures[0]?.exception;
  expect(shown('["it\'s", 1.0, NaN, -Infinity, null, [true, {"a": "b\\n"}]]')).toEqual([
    "ValueError",
    "(\"it's\", 1.0, nan, -inf, None, [True, {'a': 'b\\n'}])",
  ]);
  expect(shown('["x"]')).toEqual(["ValueError", "('x',)"]);
  expect(shown("[]")).toEqual(["ValueError", "()"]);
  expect(shown(`[${"[".repeat(50_000)}${"]".repeat(50_000)}]`)?.[1].length).toBeLessThan(25_000);
});

describe("what is no result is refused", () => {
  const error = (text: string): GufeError => {
    try {
      summarizeResult(text);
    } catch (caught) {
      if (caught instanceof GufeError) return caught;
      throw caught;
    }
    throw new Error("no error");
  };

  test.each([
    ["an object", "{}", "not-a-chain"],
    ["an empty chain", "[]", "empty-chain"],
    ["a chain that ends with another object", `[${unit('"source_key": "U-1"')}]`, "not-a-result"],
    ["a malformed pair", '[["a"]]', "malformed-pair"],
    ["a pair of three", `[["${resultKey}", {}, 1]]`, "malformed-pair"],
    ["a result of another class", `[["${resultKey}", {"__qualname__": "X"}]]`, "key-prefix"],
    ["a missing unit result", `[${result("[]", `[${to(unitKey)}]`)}]`, "dangling-reference"],
    ["units that are no references", `[${result("[1]", "[]")}]`, "field"],
  ])("%s", (_, text, code) => {
    expect(error(text).code).toBe(code);
  });

  test("a failure cannot pass for a success by its label", () => {
    const disguised = unit('"source_key": "U-1"').replace(
      '"__qualname__": "ProtocolUnitResult"',
      '"__qualname__": "ProtocolUnitFailure"',
    );
    expect(error(`[${disguised}, ${result("[]", "[]")}]`)).toBeInstanceOf(ChainError);
  });

  test("a text cut short at any character", () => {
    const text = `[${unit('"source_key": "U-1", "inputs": {"a": [{":gufe-key:": "x"}]}, "start_time": {"isotime": "2026"}')}, ${result(`[${to("U-1")}]`, `[${to(unitKey)}]`)}]`;
    for (let length = 0; length < text.length; length++) {
      const caught = error(text.slice(0, length));
      expect(caught instanceof JsonSyntaxError || caught instanceof ShapeError).toBe(true);
    }
    expect(summarizeResult(text)).toMatchObject({ ok: true, units: [{ startTime: "2026", endTime: null }] });
  });
});
