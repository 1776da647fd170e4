/** The programs of examples/client, which the documentation shows, run as they stand against a server. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { zstdCompressSync } from "node:zlib";
import { parseScope, parseScopedKey, type ScopedKey } from "@alchemiscale/contract";
import { AlchemicalArchiveView, ChainViews, sliceKeyedChain, verifyKey } from "@alchemiscale/gufe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveApi } from "./live-api.ts";

let api: LiveApi;
let folder: string;
const read = (name: string) => readFile(new URL(`./fixtures/${name}.json`, import.meta.url));
beforeAll(async () => {
  api = await LiveApi.start();
  folder = await mkdtemp(join(tmpdir(), "alchemiscale-examples-"));
  for (const type of ["user", "compute"] as const)
    await api.state.identities.addScopes(type, "alice", [parseScope("my_lab-*-*")]);
  const [first, second] = api.transformations;
  await api.storeResult(first as ScopedKey, zstdCompressSync(await read("dag-result-ok")));
  await api.storeResult(second as ScopedKey, zstdCompressSync(await read("dag-result-failed")), false);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const program = (name: string) => fileURLToPath(new URL(`../../../examples/client/${name}.ts`, import.meta.url));
const environment = (url = api.url) => ({
  ...process.env,
  ALCHEMISCALE_URL: url,
  ALCHEMISCALE_ID: api.identifier,
  ALCHEMISCALE_KEY: api.key,
});

async function run(name: string, args: readonly string[] = [], url?: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program(name), ...args], { env: environment(url) });
  return stdout;
}

test("submit-network", async () => {
  const said = await run("submit-network");
  expect(said).toMatch(/^AlchemicalNetwork-[0-9a-f]{32}-my_lab-tests-first\n45 Tasks are offered\n\{ waiting: 45 \}\n$/);
  const network = parseScopedKey(said.split("\n")[0] ?? "");
  expect(await api.client().getNetworkActionedTasks(network)).toHaveProperty("size", 45);
});

test("watch-network", async () => {
  const [, , third] = api.transformations;
  const client = api.client();
  await client.setTasksStatus(await client.getNetworkTasks(api.network, { status: "waiting" }), "invalid");
  const [task] = await client.createTasks(third as ScopedKey);
  const child: ChildProcess = spawn(process.execPath, [program("watch-network"), api.network], {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const lines: string[] = [];
  if (child.stdout === null) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.endsWith(`create ${task}  → waiting`)) await client.setTasksStatus([task as ScopedKey], "invalid");
  }
  expect(await closed).toEqual([0, null]);
  expect(lines.at(-1)).toBe("nothing is left to be done");
  expect(lines.some((line) => line.endsWith(`status ${task} waiting → invalid`))).toBe(true);
});

test("read-results", async () => {
  const said = await run("read-results", [api.network]);
  expect(said).toMatch(/^Transformation-\S+: \d+ units, \d+ bytes, by a service\n0 newer ones\n$/);
});

test("read-estimates", async () => {
  const said = await run("read-estimates", [api.network]);
  expect(said).toMatch(/^1 of \d+ transformations have an estimate\n/);
  expect(said).toMatch(/-> \S.*: -?\d+\.\d\d ± \d\.\d\d kcal\/mol\n/);
});

test("gather-results", async () => {
  const directory = join(folder, "gathered");
  expect(await run("gather-results", [api.network, directory])).toMatch(/2 results \(\d+ bytes\) saved; 0 were there\n$/);
  expect(await run("gather-results", [api.network, directory])).toContain("0 results (0 bytes) saved; 2 were there\n");
  expect((await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".zst"))).toHaveLength(2);
});

test("restart-failures", async () => {
  const said = await run("restart-failures", [api.network]);
  expect(said).toMatch(/^Task-\S+: \S+/);
  expect(said).toContain("'MemoryError' => 3");
});

test("archive-network", async () => {
  const file = join(folder, "archive.json");
  await run("archive-network", [api.network, file]);
  const chain = sliceKeyedChain(await readFile(file, "utf8"), { strict: true });
  expect(verifyKey(chain.root)).toMatchObject({ matches: true, certain: true });
  const archive = new ChainViews(chain).get(chain.root.key);
  if (!(archive instanceof AlchemicalArchiveView)) throw new Error(`${chain.root.key} is no archive`);
  expect(`${archive.network.key}-org-campaign-project`).toBe(api.network);
  expect([...archive.metadata]).toEqual([
    ["campaign", "first"],
    ["note", "for the paper"],
  ]);
  const result = sliceKeyedChain((await read("dag-result-ok")).toString()).root.key;
  const results = JSON.parse(chain.root.text).transformation_results as [Record<string, string>, Record<string, string>[]][];
  const keys = results.map(([transformation]) => transformation[":gufe-key:"] ?? "");
  expect(keys).toEqual(api.transformations.map((key) => key.split("-", 2).join("-")).sort());
  expect(results.flatMap(([, ofOne]) => ofOne.map((entry) => entry[":gufe-key:"]))).toEqual([result]);
  expect(chain.entries.map(({ key }) => key)).toContain(result);
});

const python = process.env.ALCHEMISCALE_TEST_PYTHON;

test.skipIf(python === undefined)(
  "the archive is read by gufe, which gives it the same key (ALCHEMISCALE_TEST_PYTHON)",
  async () => {
    const file = join(folder, "for-python.json");
    await run("archive-network", [api.network, file]);
    const script =
      "import sys; from gufe.archival import AlchemicalArchive as A; a = A.from_json(sys.argv[1]); " +
      "print(a.key, a.network.key, sum(len(r) for _, r in a.transformation_results), a.metadata['campaign'])";
    const { stdout } = await promisify(execFile)(python ?? "", ["-c", script, file]);
    const { root } = sliceKeyedChain(await readFile(file, "utf8"));
    expect(stdout.trim()).toBe(`${root.key} ${api.network.split("-", 2).join("-")} 1 first`);
  },
);

test("compute-manager", async () => {
  expect(await run("compute-manager", [], api.computeUrl)).toMatch(/^\d+ Tasks can be claimed, 0 services are there\n$/);
});
