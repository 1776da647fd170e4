/** The offline verbs of strategies on the golden tables of the Python library, whole files, as a user runs them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { alchemiscale as run, temporaryDirectory } from "./run-command.ts";

const fixtures = join(import.meta.dirname, "..", "..", "strategist", "test", "fixtures");
const tableFile = (name: string) => join(fixtures, "tables", `${name}.json.zst`);
const strategyFiles = ["connectivity-both", "connectivity-cutoff", "connectivity-default", "connectivity-high-cutoff"]
  .concat(["connectivity-one-run", "radial-default", "radial-far", "radial-wide"])
  .flatMap((name) => ["--strategy", join(fixtures, "strategies", `${name}.json`)]);

const alchemiscale = (...args: readonly string[]) => run(args);

type Weights = Record<string, number | null>;

function rowsOf<Row>(name: string): Row[] {
  return JSON.parse(zstdDecompressSync(readFileSync(tableFile(name))).toString("utf8")).rows;
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

function expectNear(found: Weights, golden: Weights): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(golden).sort());
  for (const [key, weight] of Object.entries(golden)) {
    expect(found[key]).toEqual(weight === null ? null : expect.closeTo(weight, 12));
  }
}

describe("strategy propose", () => {
  test.each(["star3", "random1"])("answers the rows of the table %s one after the other", async (name) => {
    const network = join(fixtures, "networks", `${name}.json.zst`);
    const ended = await alchemiscale(
      "strategy",
      "propose",
      "--network",
      network,
      ...strategyFiles,
      "--results",
      tableFile(name),
      "--json",
    );
    expect(ended.code).toBe(0);
    const golden = rowsOf<{
      strategy_key: string;
      raw?: Weights;
      resolved?: Weights;
      order_free?: { raw: Weights; resolved: Weights };
    }>(name);
    const found = linesOf(ended.stdout);
    expect(found).toHaveLength(golden.length);
    for (const [i, row] of golden.entries()) {
      expect(found[i].strategy_key).toBe(row.strategy_key);
      expectNear(found[i].raw, row.raw ?? row.order_free?.raw ?? {});
      expectNear(found[i].resolved, row.resolved ?? row.order_free?.resolved ?? {});
    }
  });

  test("names strategies with their default settings, and refuses a row that is of another one", async () => {
    const network = ["--network", join(fixtures, "networks", "star3.json.zst")];
    const input = JSON.stringify([{ results: {} }, { strategy_key: "ConnectivityStrategy-other", results: {} }]);
    const propose = (strategy: string) =>
      run(["strategy", "propose", ...network, "--strategy", strategy, "--results", "-", "--json"], { input });
    const ended = await propose("connectivity");
    expect(ended.code).toBe(2);
    const [answered, refused] = linesOf(ended.stdout);
    expect(answered.strategy_key).toBe("ConnectivityStrategy-ec471a54bb5e2932da7c0fb13fa69699");
    expect(refused.error).toContain('[1].strategy_key is "ConnectivityStrategy-other", which is none of the given Conn');
    const unknown = await propose("constructor");
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("constructor is neither a file nor one of connectivity, radial, uncertainty");
  });

  test("says what is wrong, by place and name", async () => {
    using directory = temporaryDirectory();
    const results = join(directory.path, "results.json");
    writeFileSync(results, JSON.stringify({ rows: [{ results: { "Transformation-1": { n: -1 } } }] }));
    const network = ["--network", join(fixtures, "networks", "star3.json.zst")];
    const strategy = strategyFiles.slice(0, 2);
    const wrong = await alchemiscale("strategy", "propose", ...network, ...strategy, "--results", results);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("rows[0].results.Transformation-1.n is -1; it must be the number of results, 0 or more");
    const swapped = await alchemiscale("strategy", "propose", ...network, "--strategy", network[1] ?? "", "--results", results);
    expect(swapped.code).toBe(2);
    expect(swapped.stderr).toContain("AlchemicalNetwork does not run here, only ConnectivityStrategy");
  });
});

test("strategy counts and resolve answer their tables", async () => {
  const counts = await alchemiscale("strategy", "counts", tableFile("task_counts"), "--json");
  expect(linesOf(counts.stdout)).toEqual(rowsOf<{ counts: number[] }>("task_counts").map((row) => ({ counts: row.counts })));
  const resolved = await alchemiscale("strategy", "resolve", tableFile("resolve"), "--json");
  expect(linesOf(resolved.stdout)[2]).toEqual({ resolved: { a: 0.25, b: 0.75 } });
});

test("strategy simulate prints how errors fall", async () => {
  const args = [
    "--example",
    "star",
    "--strategy",
    "connectivity",
    "--strategy",
    "uncertainty",
    "--replicates",
    "2",
    "--rounds",
    "3",
  ];
  const ended = await alchemiscale("strategy", "simulate", ...args);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/connectivity( +0\.\d{3}){3}\n/);
  const [{ curves, transformations }] = linesOf((await alchemiscale("strategy", "simulate", ...args, "--json")).stdout);
  expect(transformations).toBe(48);
  expect(curves[1].error.at(-1)).toBeLessThan(0.6);
});

test("noise that was recorded is of the network's Transformations, and says where it is not", async () => {
  using directory = temporaryDirectory();
  const [network, noise] = [join(fixtures, "networks", "star3.json.zst"), join(directory.path, "noise.json")];
  const key = Object.keys(rowsOf<{ results: object }>("star3")[0]?.results ?? {})[0] ?? "";
  const simulate = (recorded: object) => {
    writeFileSync(noise, JSON.stringify(recorded));
    const small = ["--strategy", "connectivity", "--replicates", "1", "--rounds", "1", "--json"];
    return alchemiscale("strategy", "simulate", "--network", network, "--noise", noise, ...small);
  };
  const one = { spread: 0.3, gpuHours: 500 };
  const known = await simulate({ [key]: one, "Transformation-other": one });
  expect(known.code).toBe(0);
  expect(linesOf(known.stdout)[0].round_gpu_hours).toBeGreaterThan(500);
  expect(known.stderr).toContain("1 of 2 are of no network that is simulated: Transformation-other");
  const none = await simulate({ "Transformation-other": one });
  expect(none).toMatchObject({ code: 2, stdout: "" });
  expect(none.stderr).toContain("noise.json has no Transformation of the network");
  expect((await simulate({ [key]: { spread: 0, gpuHours: 1 } })).stderr).toContain(
    `noise.json: ${key}.spread is 0; it must be above 0`,
  );
});
