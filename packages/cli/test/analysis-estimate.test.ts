/** `analysis estimate` on files as people have them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import type { TransformationEstimate } from "@alchemiscale/analysis";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { describe, expect, test } from "vitest";
import { alchemiscale, alchemiscaleJson, fixture, temporaryDirectory } from "./run-command.ts";

interface Gathered {
  readonly name: string;
  readonly protocol: string;
  readonly results: readonly string[];
  readonly estimate: number | null;
  readonly uncertainty: number | null;
}

const repository = join(import.meta.dirname, "..", "..", "..");
const gathered = (
  JSON.parse(readFileSync(join(repository, "packages", "analysis", "test", "fixtures", "openfe-gathered.json"), "utf8")) as {
    rows: Gathered[];
  }
).rows;

/** A Transformation with a protocol of this class, of which nothing else is needed. */
function transformationText(protocol: string): string {
  return readFileSync(fixture("transformation-of-any-protocol.json"), "utf8").replaceAll("AnyProtocol", protocol);
}

const near = (found: number | null, expected: number | null) =>
  found === expected || Math.abs((found ?? NaN) - (expected ?? NaN)) <= 1e-9 * Math.abs(expected ?? NaN);

test.each(["RelativeHybridTopologyProtocol", "AbsoluteBindingProtocol"])(
  "stored results with their Transformation: %s",
  async (protocol) => {
    const row = gathered.find((each) => each.protocol === protocol && each.estimate !== null) as Gathered;
    using directory = temporaryDirectory();
    const transformation = join(directory.path, "transformation.json");
    writeFileSync(transformation, transformationText(protocol));
    const files = row.results.map((text, i) => {
      const file = join(directory.path, `result-${i}.json.zst`);
      writeFileSync(file, zstdCompressSync(text));
      return file;
    });
    const found = await alchemiscaleJson<TransformationEstimate>([
      "analysis",
      "estimate",
      ...files,
      "--transformation",
      transformation,
    ]);
    expect(near(found.estimate, row.estimate) && near(found.uncertainty, row.uncertainty)).toBe(true);
    expect(found.n).toBe(row.results.length);
  },
);

describe("without the Transformation", () => {
  test("files of openfe quickrun say what protocol they are of, and each counts", async () => {
    const row = gathered.find(
      ({ protocol, estimate }) => protocol === "RelativeHybridTopologyProtocol" && estimate !== null,
    ) as Gathered;
    using directory = temporaryDirectory();
    // As openfe writes them: the attempts at units by key, and what the protocol gathered.
    const files = row.results.map((text, i) => {
      const entries = sliceKeyedChain(text).entries.filter(({ qualname }) => qualname === "ProtocolUnitResult");
      const units = entries.map((entry) => `"${entry.key}": ${entry.text}`);
      const file = join(directory.path, `quickrun-${i}.json`);
      const result = `{"n_protocol_dag_results": 1, "data": {}, "__qualname__": "${row.protocol}Result", "__module__": "openfe"}`;
      writeFileSync(file, `{"estimate": null, "protocol_result": ${result}, "unit_results": {${units.join(", ")}}}`);
      return file;
    });
    const found = await alchemiscaleJson<TransformationEstimate>(["analysis", "estimate", ...files]);
    expect(found.protocol).toBe(row.protocol);
    expect(near(found.estimate, row.estimate)).toBe(true);
  });

  test("units of unknown classes need it, and the message says so", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "result.json");
    writeFileSync(file, gathered[0]?.results[0] ?? "");
    const ended = await alchemiscale(["analysis", "estimate", file]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /does not say what protocol it is of \(its units: .*\); give the Transformation with --transformation FILE/,
    );
  });
});

test("what is no result is refused", async () => {
  const ended = await alchemiscale(["analysis", "estimate", join(repository, "examples", "harmonic-network.json")]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain("holds a AlchemicalNetwork; a ProtocolDAGResult is wanted");
});

const real = join(repository, "..", "shared", "fixtures", "gufe", "openfe", "rfe.json.gz");

test("results of several Transformations are not taken for repeats of one", async () => {
  const row = gathered.find(({ protocol, estimate }) => protocol === "AbsoluteBindingProtocol" && estimate !== null) as Gathered;
  using directory = temporaryDirectory();
  const files = ["a", "b"].map((name) => {
    const file = join(directory.path, `${name}.json`);
    const text = row.results[0] ?? "";
    writeFileSync(file, text.replace(/"transformation_key": ("[^"]*"|null)/, `"transformation_key": "Transformation-${name}"`));
    return file;
  });
  const refused = await alchemiscale(["analysis", "estimate", ...files]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  const transformation = join(directory.path, "transformation.json");
  writeFileSync(transformation, transformationText(row.protocol));
  const told = await alchemiscale(["analysis", "estimate", ...files, "--transformation", transformation, "--json"]);
  expect(told.code).toBe(0);
  expect(told.stderr).toContain("b.json says that it is of Transformation-b, not of Transformation-");
});

test.skipIf(!existsSync(real))("a file of a real run of openfe", async () => {
  const found = await alchemiscaleJson<TransformationEstimate>(["analysis", "estimate", real]);
  expect(found.estimate).toBeCloseTo(16.62866605990467, 9);
  expect(found.uncertainty).toBeCloseTo(0.15130247062748625, 9);
  const shown = await alchemiscale(["analysis", "estimate", real]);
  expect(shown.stdout).toContain("16.6287 ± 0.1513 kcal/mol (repeat-sd)");
});

const realRun = join(
  repository,
  "..",
  "shared",
  "fixtures",
  "results",
  "feflow_benzene_phenol_vacuum.r0.protocoldagresult.json.zst",
);

test.skipIf(!existsSync(realRun))(
  "a result that holds its Protocol needs no Transformation, not even for the temperature",
  async () => {
    const found = await alchemiscaleJson<TransformationEstimate>(["analysis", "estimate", realRun]);
    expect(found.estimate).toBeCloseTo(-17.985499250677396, 9);
    expect(found.flags).toEqual([]);
  },
);
