/** The offline verbs on the golden tables of the Python libraries, whole files, as a user runs them. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { alchemiscale, type Ended, temporaryDirectory } from "./run-command.ts";

const tables = join(import.meta.dirname, "..", "..", "analysis", "test", "fixtures");
const tableFile = (name: string) => join(tables, `${name}.json`);
const networkNames = readdirSync(tables)
  .filter((name) => name.startsWith("network-"))
  .map((name) => name.replace(".json", ""));

interface Cycle {
  readonly cycle: readonly string[];
}
interface CycleEdge {
  readonly a: string;
  readonly b: string;
}
interface Network {
  readonly mle?: unknown;
  readonly pairs?: unknown;
  readonly statistics?: unknown;
  readonly statistics_centred?: unknown;
  readonly edgewise?: unknown;
  readonly mle_error?: string;
  readonly cycles?: readonly Cycle[];
  readonly cycle_edges?: readonly CycleEdge[];
}

const networks = networkNames.map((name) => ({
  name,
  golden: JSON.parse(readFileSync(tableFile(name), "utf8")) as Network,
  // The pseudo-inverse of the reference itself loses digits where σ are far apart.
  relative: name === "network-wide-sigma" ? 1e-6 : 1e-9,
}));

function lines(ended: Ended): Record<string, unknown>[] {
  return ended.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Where `found` is not what `golden` has; it may have more. */
function differences(golden: unknown, found: unknown, relative = 1e-9, path = ""): string[] {
  if (typeof golden === "number" && typeof found === "number") {
    const near = Math.abs(golden - found) <= Math.max(relative * Math.abs(golden), 1e-12);
    return near ? [] : [`${path}: ${golden} ${found}`];
  }
  if (typeof golden !== "object" || golden === null || typeof found !== "object" || found === null)
    return golden === found ? [] : [`${path}: ${JSON.stringify(golden)} ${JSON.stringify(found)}`];
  if (Array.isArray(golden) && golden.length !== (found as unknown[]).length) return [`${path}: lengths`];
  return Object.entries(golden).flatMap(([name, value]) =>
    differences(value, (found as Record<string, unknown>)[name], relative, `${path}.${name}`),
  );
}

/** All networks as the rows of one table, through standard input. */
async function allNetworks(verb: string): Promise<{ ended: Ended; found: Record<string, unknown>[] }> {
  const input = JSON.stringify({ rows: networks.map(({ name, golden }) => ({ name, ...golden })) });
  const ended = await alchemiscale(["analysis", verb, "-", "--json"], { input });
  return { ended, found: lines(ended) };
}

describe("tables with rows", () => {
  test.each([
    ["bar", "bar", ["bar_BAR", "bar_MBAR", "exp_F", "exp_R", "overlap"]],
    ["mbar", "mbar", ["df", "overlap_scalar", "overlap_matrix"]],
    ["statistics", "statistics", ["statistics", "bootstrap"]],
    ["conversions", "convert", ["from", "to", "result", "result_unit"]],
  ])("%s: analysis %s prints a line for each row, equal to the golden one", async (table, verb, fields) => {
    const { rows } = JSON.parse(readFileSync(tableFile(table), "utf8")) as { rows: Record<string, unknown>[] };
    const ended = await alchemiscale(["analysis", verb, tableFile(table), "--json"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const found = lines(ended);
    expect(found).toHaveLength(rows.length);
    for (const [i, row] of rows.entries()) {
      const golden = Object.fromEntries(fields.filter((field) => row[field] !== undefined).map((field) => [field, row[field]]));
      expect(differences(golden, found[i]), `rows[${i}]`).toEqual([]);
      if (row.ddf !== undefined) expect(differences(row.ddf, found[i]?.ddf, 1e-6)).toEqual([]);
      expect(found[i]?.name).toBe(row.name);
    }
  });
});

describe("networks", () => {
  test("analysis mle gives values, covariance and pairs, and an error where there is none", async () => {
    const { ended, found } = await allNetworks("mle");
    expect(ended.code).toBe(2);
    for (const [i, { name, golden, relative }] of networks.entries()) {
      const { mle, pairs } = golden;
      if (mle !== undefined) expect(differences({ name, mle, pairs }, found[i], relative), name).toEqual([]);
    }
    const of = (name: string) => found[networkNames.indexOf(name)];
    expect(of("network-zero-sigma")?.mle_error).toMatch(/^rows\[\d+\]\.edges\[0\]\.sigma is 0; maximum likelihood needs/);
    expect(of("network-no-edges")?.mle_error).toMatch(/^rows\[\d+\]\.edges is empty/);
    expect(ended.stderr).toContain("edges[0].sigma is 0");
  });

  test("parts that are not connected have a reference each", async () => {
    const ended = await alchemiscale(["analysis", "mle", tableFile("network-disconnected"), "--json"]);
    expect(ended.code).toBe(0);
    const [found] = lines(ended) as unknown as [
      {
        mle: { ligand_order: string[]; value: number[]; component: number[] };
        pairs: [string, string][];
        components: { ligand_order: string[]; value: number[]; shifted: number[] }[];
      },
    ];
    expect(found.components.map(({ ligand_order }) => ligand_order)).toEqual([
      ["L0", "L1", "L2"],
      ["L3", "L4", "L5"],
    ]);
    expect(found.mle.component).toEqual([0, 0, 0, 1, 1, 1]);
    for (const { value } of found.components) expect(value.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 12);
    expect(found.mle.value).toEqual(found.components.flatMap(({ value }) => value));
    expect(found.pairs).toHaveLength(6);
  });

  test("analysis closure gives cycles and edges", async () => {
    const { ended, found } = await allNetworks("closure");
    expect(ended.code).toBe(2);
    for (const [i, { name, golden, relative }] of networks.entries()) {
      if (golden.cycles === undefined) {
        expect(found[i]?.cycles_error, name).toMatch(/edges is empty/);
        continue;
      }
      const byLigands = (cycles: readonly Cycle[]) =>
        Object.fromEntries(cycles.map((each) => [wayOf(each.cycle), { ...each, cycle: 0 }]));
      const byEdge = (edges: readonly CycleEdge[]) => Object.fromEntries(edges.map((each) => [`${each.a} ${each.b}`, each]));
      const own = found[i] as unknown as Required<Network>;
      expect(own.cycles.length).toBe(golden.cycles.length);
      expect(differences(byLigands(golden.cycles), byLigands(own.cycles), relative), name).toEqual([]);
      expect(own.cycle_edges.length).toBe(golden.cycle_edges?.length ?? 0);
      expect(differences(byEdge(golden.cycle_edges ?? []), byEdge(own.cycle_edges), relative), name).toEqual([]);
    }
  });

  test("analysis statistics compares ligands and edges with experiment", async () => {
    const { found } = await allNetworks("statistics");
    for (const [i, { name, golden, relative }] of networks.entries()) {
      const { statistics, statistics_centred, edgewise } = golden;
      const known = Object.entries({ statistics, statistics_centred, edgewise }).filter(([, value]) => value !== undefined);
      expect(differences(Object.fromEntries(known), found[i], relative), name).toEqual([]);
    }
  });

  test("a file of one network, and compressed, is one line", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "network");
    writeFileSync(file, gzipSync(readFileSync(tableFile("network-documented"))));
    const ended = await alchemiscale(["analysis", "mle", file, "--json"]);
    expect(ended.code).toBe(0);
    expect(lines(ended)).toHaveLength(1);
    const shown = await alchemiscale(["analysis", "mle", file]);
    expect(shown.stdout).toContain("B        0.182  0.102");
    expect(shown.stdout).toContain("χ² 0.429 with 1 degrees of freedom");
  });
});

test.each([
  ["no JSON", "- is no JSON"],
  ["3", "holds 3; a case is a JSON object"],
  [JSON.stringify({ rows: 3 }), "rows must be a list"],
  [JSON.stringify([{ edges: [{ a: "A", b: "B", ddg: 1, sigma: 0.1 }] }, { edges: [] }]), "-: [1].edges is empty"],
])("input that is none ends with 2: %s", async (input, message) => {
  const ended = await alchemiscale(["analysis", "mle", "-"], { input });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(message);
});

test("a row that no table should have costs the other rows nothing", async () => {
  const input = '{"rows": [{"w_F": [1, NaN], "w_R": [1]}, 5, {"w_F": [1], "w_R": [1e400]}, {"w_F": [1], "w_R": [1]}]}';
  const ended = await alchemiscale(["analysis", "bar", "-", "--json"], { input });
  expect(ended.code).toBe(2);
  expect(lines(ended).map(({ error }) => error)).toEqual([
    "rows[0].w_F[1] is NaN; it must be a finite number",
    "rows[1] is 5; it must be a JSON object",
    "rows[2].w_R[0] is Infinity; it must be a finite number",
    undefined,
  ]);
});

/** A cycle whatever ligand it begins with and whichever way it goes. */
function wayOf(cycle: readonly string[]): string {
  const begin = cycle.indexOf([...cycle].sort()[0] as string);
  const turned = [...cycle.slice(begin), ...cycle.slice(0, begin)];
  const back = [turned[0], ...turned.slice(1).reverse()];
  return [turned, back].map((way) => way.join(" ")).sort()[0] as string;
}
