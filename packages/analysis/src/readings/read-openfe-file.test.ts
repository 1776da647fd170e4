import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { nodeZstd } from "@alchemiscale/gufe/zstd";
import { describe, expect, test } from "vitest";
import { analysed } from "../../test/result-text.ts";
import { estimateTransformation } from "./estimate-transformation.ts";
import { readOpenfeFile } from "./read-openfe-file.ts";

const unit = (key: string, simtype: string, estimate: number, repeat: number) => {
  const outputs = Object.entries(analysed(estimate, repeat, { simtype: `"${simtype}"` })).map(
    ([name, text]) => `"${name}": ${text}`,
  );
  return `{"name": "Analysis", "_key": "${key}", "source_key": "AnalysisUnit-1", "inputs": {}, "outputs": {${outputs.join(", ")}}, "start_time": {"isotime": "2026-01-01T00:00:00"}, "end_time": null, "__qualname__": "ProtocolUnitResult"}`;
};

test("a file of an absolute calculation: legs are nested, and units may be there twice", () => {
  const [a, b] = [unit("ProtocolUnitResult-a", "solvent", 2, 1), unit("ProtocolUnitResult-b", "vacuum", 5, 1)];
  const text = `{"estimate": null, "protocol_result": {"data": {"solvent": {"1": [${a}]}, "vacuum": {"1": [${b}]}}, "__qualname__": "AbsoluteSolvationProtocolResult"}, "unit_results": {"ProtocolUnitResult-a": ${a}}}`;
  const reading = readOpenfeFile(text, "file.json");
  expect(reading).toMatchObject({ status: "read", resultKey: "file.json", protocol: "AbsoluteSolvationProtocol" });
  expect(reading.status === "read" && reading.units.length).toBe(2);
  expect(estimateTransformation({ qualname: reading.protocol }, [reading]).estimate).toBe(3);
});

test.each(["", "[]", "{}", '{"protocol_result": {"__qualname__": 1}}', '{"protocol_result": {"__qualname__": "Other"}}'])(
  "what is no such file has a reason: %s",
  (text) => {
    expect(readOpenfeFile(text, "file.json")).toMatchObject({ status: "unreadable", reason: { code: "not-a-result" } });
  },
);

const shared = new URL("../../../../../shared/fixtures/gufe/", import.meta.url);

describe.skipIf(!existsSync(shared))("files of real openfe runs (in ../shared)", () => {
  interface Entry {
    kind: string;
    file: string;
    expected: { estimate: number; uncertainty: number };
    unit_results: { repeat_id: string; unit_estimate: number; unit_estimate_error: number }[];
  }
  const entries = existsSync(shared)
    ? (JSON.parse(readFileSync(new URL("manifest.json", shared), "utf8")) as { entries: Entry[] }).entries
    : [];

  test.each(entries.filter(({ kind }) => kind === "openfe_result"))("$file", ({ file, expected, unit_results }) => {
    const text = gunzipSync(readFileSync(new URL(file, shared))).toString();
    const reading = readOpenfeFile(text, file, { zstd: nodeZstd() });
    const found = estimateTransformation({ qualname: reading.protocol }, [reading]);
    expect(found.estimate).toBeCloseTo(expected.estimate, 12);
    expect(found.uncertainty).toBeCloseTo(expected.uncertainty, 12);
    expect(found.flags.filter(({ code }) => code !== "legacy-layout")).toEqual([]);
    expect(new Map(found.perRepeat.map((repeat) => [repeat.repeatId, [repeat.estimate, repeat.error]]))).toEqual(
      new Map(unit_results.map((unit) => [unit.repeat_id, [unit.unit_estimate, unit.unit_estimate_error]])),
    );
  });
});
