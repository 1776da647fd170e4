import { readFileSync } from "node:fs";
import { nodeZstd } from "@alchemiscale/gufe/zstd";
import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { analysed, energy, resultText } from "../../test/result-text.ts";
import { estimateTransformation } from "./estimate-transformation.ts";
import { protocolReaders } from "./protocol-readers.ts";
import { readResult, StoredResultReader } from "./read-result.ts";
import type { StoredReading } from "./result-reading.ts";

const rfe = { qualname: "RelativeHybridTopologyProtocol", settings: null };
const ok = resultText([{ name: "Analysis", unitClass: "HybridTopologyMultiStateAnalysisUnit", outputs: analysed(-3, 1) }]);

const reason = (reading: StoredReading) => (reading.status === "unreadable" ? reading.reason.code : reading.status);

describe("a reading", () => {
  test("holds what estimates need, and survives JSON", () => {
    const reading = readResult(rfe, ok);
    expect(reading).toMatchObject({
      status: "read",
      protocol: "RelativeHybridTopologyProtocol",
      ok: true,
      repeats: [{ leg: null, repeatId: "340282366920938463463374607431768211", generation: 0, estimate: -3, error: 0.1 }],
      units: [{ unitClass: "HybridTopologyMultiStateAnalysisUnit", ok: true, startTime: "2026-01-01T00:00:00.000001" }],
    });
    expect(JSON.parse(JSON.stringify(reading))).toEqual(reading);
  });

  test("of bytes is that of the text, in any cut", () => {
    const bytes = new TextEncoder().encode(ok);
    for (const size of [1, 7, 1000, bytes.length]) {
      const reader = new StoredResultReader(rfe);
      for (let at = 0; at < bytes.length; at += size) reader.write(bytes.slice(at, at + size));
      expect(reader.end()).toEqual(readResult(rfe, ok));
    }
  });

  test("of the nested form of old releases is that of the chain", () => {
    const zstd = nodeZstd();
    const text = (name: string) =>
      new TextDecoder().decode(zstd.decompress(readFileSync(new URL(`../../test/fixtures/nested/${name}`, import.meta.url))));
    const nested = text("legacy-obj.json.zst");
    const expected = readResult(rfe, text("obj.json.zst"), { zstd });
    expect(expected).toMatchObject({ status: "read", ok: true, repeats: [{ estimate: -1.5 }, {}] });
    expect(readResult(rfe, nested, { zstd })).toEqual(expected);
    const reader = new StoredResultReader(rfe, { zstd });
    for (const byte of new TextEncoder().encode(`\n ${nested}`)) reader.write(Uint8Array.of(byte));
    expect(reader.end()).toEqual(expected);
  });

  test("of a result that is not ok has its units and no values", () => {
    const reading = readResult(rfe, resultText([{ name: "Analysis", failed: true, outputs: analysed(-3, 1) }]));
    expect(reading).toMatchObject({ status: "read", ok: false, repeats: [], units: [{ ok: false }] });
    expect(estimateTransformation(rfe, [reading]).estimate).toBeNull();
  });
});

describe("what cannot be read has a reason", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "[[1"],
    ["another object", '[["Thing-00000000000000000000000000000000", {"__qualname__": "Thing"}]]'],
    ["a number", "7"],
    ["an empty chain", "[]"],
    ["deep nesting", "[".repeat(100_000)],
    ["a nested form that is none", "{}"],
    [
      "a dangling reference",
      ok.replace(/"protocol_unit_results": \[\{":gufe-key:": "ProtocolUnitResult-0/, (m) => m.replace(/0$/, "f")),
    ],
  ])("%s", (_, text) => {
    expect(reason(readResult(rfe, text))).toBe("not-a-result");
    const reader = new StoredResultReader(rfe);
    reader.write(new TextEncoder().encode(text));
    expect(reason(reader.end())).toBe("not-a-result");
  });

  test.each([
    ["an unknown unit", { unit_estimate: energy(1, "hartree") }],
    ["a text for an energy", { unit_estimate: '"x"' }],
    ["an energy without a unit", { unit_estimate: "1.5" }],
    ["a repeat_id that is no integer", { repeat_id: "1.5" }],
    ["a repeat_id of a million digits", { repeat_id: "9".repeat(1_000_000) }],
    ["a generation that is a text", { generation: '"0"' }],
    ["an error that is a list", { unit_estimate_error: "[]" }],
    [
      "an array without data",
      { unit_estimate: energy('{"__class__": "ndarray", "__module__": "numpy", ":is_custom:": true, "shape": [1]}') },
    ],
    [
      "an array that is larger than its data",
      {
        unit_estimate: energy(
          '{"__class__": "ndarray", "__module__": "numpy", ":is_custom:": true, "dtype": "float64", "shape": [1000000000000], "bytes": {"__class__": "bytes", "__module__": "builtins", ":is_custom:": true, "latin-1": "x"}}',
        ),
      },
    ],
  ])("%s", (_, outputs) => {
    const reading = readResult(rfe, resultText([{ name: "Analysis", outputs: analysed(1, 1, outputs) }]));
    expect(reason(reading)).toBe("malformed");
    expect(reading.resultKey).toBe("ProtocolDAGResult-00000000000000000000000000000001");
    // The others still give an estimate.
    const estimate = estimateTransformation(rfe, [
      reading,
      readResult(rfe, resultText([{ name: "Analysis", outputs: analysed(2, 2) }], 2)),
    ]);
    expect(estimate.estimate).toBe(2);
    expect(estimate.flags.map(({ code }) => code)).toEqual(["unreadable-result", "one-repeat"]);
  });

  test("an unknown protocol", () => {
    const unknown = { qualname: "MyOwnProtocol", settings: null };
    const reading = readResult(unknown, ok);
    expect(reason(reading)).toBe("unknown-protocol");
    const estimate = estimateTransformation(unknown, [reading]);
    expect(estimate).toMatchObject({ estimate: null, flags: [{ code: "unknown-protocol" }] });
  });

  test("a nested form that never ends is refused before it is gathered whole", () => {
    const reader = new StoredResultReader(rfe);
    reader.write(new TextEncoder().encode('{"a": "'));
    const chunk = new Uint8Array(2 ** 20).fill(0x61);
    for (let written = 0; written < 70; written++) reader.write(chunk);
    expect(reason(reader.end())).toBe("too-large");
  });

  test("a value that is looked at and too long is refused, without being held", () => {
    const reader = new StoredResultReader(rfe);
    const [head = ""] = ok.split('"repeat_id"');
    reader.write(new TextEncoder().encode(`${head}"simtype": "`));
    const chunk = new Uint8Array(2 ** 20).fill(0x61);
    for (let written = 0; written < 70; written++) reader.write(chunk);
    reader.write(new TextEncoder().encode('"'));
    expect(reason(reader.end())).toBe("too-large");
  });

  test("so are many values that are large together", () => {
    const reader = new StoredResultReader(rfe);
    const encoder = new TextEncoder();
    const large = "a".repeat(2 ** 25);
    const [head = "["] = ok.split('["ProtocolDAGResult');
    reader.write(encoder.encode(head));
    for (let unit = 0; unit < 5; unit++) {
      reader.write(
        encoder.encode(
          `["ProtocolUnitResult-${"0".repeat(31)}${unit}", {"source_key": "U-1", "outputs": {"simtype": "${large}"}, "__qualname__": "ProtocolUnitResult"}], `,
        ),
      );
    }
    expect(reason(reader.end())).toBe("too-large");
  });

  test("whatever a text has been changed to, there is a reading or a reason", () => {
    const qualnames = [...protocolReaders.keys()];
    assert(
      property(
        string({ unit: "binary" }),
        constantFrom(...qualnames),
        constantFrom(0.1, 0.3, 0.5, 0.7, 0.9),
        (piece, qualname, part) => {
          const at = Math.floor(part * ok.length);
          const reading = readResult({ qualname, settings: null }, ok.slice(0, at) + piece + ok.slice(at + piece.length));
          JSON.stringify(estimateTransformation({ qualname }, [reading]));
          return true;
        },
      ),
    );
  });
});

describe("an estimate of readings", () => {
  const readings = [1, 2, 3].map((i) => readResult(rfe, resultText([{ name: "Analysis", outputs: analysed(i * i, i) }], i)));

  test("does not depend on their order, and counts each result once", () => {
    const expected = estimateTransformation(rfe, readings);
    expect(estimateTransformation(rfe, [...readings].reverse())).toEqual(expected);
    expect(estimateTransformation(rfe, [...readings, ...readings])).toEqual(expected);
    expect(expected.n).toBe(3);
  });

  test("leaves out those of another protocol", () => {
    const estimate = estimateTransformation({ qualname: "SepTopProtocol" }, readings);
    expect(estimate.flags.map(({ code }) => code)).toEqual(["other-protocol", "missing-repeats"]);
    expect(estimate.flags[0]?.message).toMatch(/2 more such results/);
  });

  test("of none is none", () => {
    expect(estimateTransformation(rfe, [])).toMatchObject({ estimate: null, uncertainty: null, n: 0 });
  });
});
