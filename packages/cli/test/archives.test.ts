/** `network archive` and `network restore` as a user calls them, and the Python package as a reader and a writer of archives. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { NetworkEstimates } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { beforeAll, describe, expect, test } from "vitest";
import { labOfFile } from "./lab.ts";
import { harmonicNetwork } from "./run-command.ts";

const lab = labOfFile();
const { file, run, json } = lab;
const tasks = 4;
let network: string;

beforeAll(async () => {
  network = (await run("network", "submit", harmonicNetwork, "--scope", "lab-a-b")).stdout.trim();
  const created = await json<{ task: string }[]>("task", "create", network);
  await run("task", "action", network, ...created.slice(0, tasks).map(({ task }) => task));
  const service = `{api_url: "${lab.server.computeAddress}", identifier: compute, key: compute key, name: s, shared_basedir: "${file("shared")}", scratch_basedir: "${file("scratch")}", max_tasks: ${tasks}}`;
  writeFileSync(file("service.yaml"), service);
  const computed = await run("compute", "synchronous", "-c", file("service.yaml"));
  expect(computed.code).toBe(0);
});

describe("a network", () => {
  test("is archived in a file, plain or compressed, or to standard output", async () => {
    const plain = await run("network", "archive", network, "--output", file("a.json"));
    expect(plain).toMatchObject({ code: 0, stdout: "" });
    expect(plain.stderr).toBe(`Archived ${network} with ${tasks} results in ${file("a.json")}.\n`);
    const text = readFileSync(file("a.json"), "utf8");
    expect(sliceKeyedChain(text, { strict: true }).root.qualname).toBe("AlchemicalArchive");
    const told = await run("network", "archive", network, "--output", file("a.json.gz"), "--json");
    expect(JSON.parse(told.stdout)).toEqual({ network, output: file("a.json.gz"), results: tasks });
    await run("network", "archive", network, "--output", file("a.json.zst"));
    const printed = await run("network", "archive", network, "--output", "-");
    expect(
      [gunzipSync(readFileSync(file("a.json.gz"))), zstdDecompressSync(readFileSync(file("a.json.zst")))].map(String),
    ).toEqual([text, text]);
    expect(printed.stdout).toBe(text);
    const checked = await run("network", "check", file("a.json.zst"));
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("AlchemicalArchive") });
  });

  test("keeps metadata, which must be an object", async () => {
    writeFileSync(file("notes.json"), '{"note": "für später", "n": 3}');
    writeFileSync(file("list.json"), "[1]");
    const archive = (metadata: string) =>
      run("network", "archive", network, "--output", file("m.json"), "--metadata", file(metadata));
    expect(await archive("notes.json")).toMatchObject({ code: 0 });
    expect(readFileSync(file("m.json"), "utf8")).toContain('"metadata": {"note":"für später","n":3}');
    expect(await archive("list.json")).toMatchObject({ code: 2, stderr: expect.stringContaining("must hold a JSON object") });
    expect(await archive("none.json")).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot read") });
  });

  test("that is not there, or of which a result is lost, leaves no file behind", async () => {
    const absent = "AlchemicalNetwork-00000000000000000000000000000000-lab-a-b";
    expect(await run("network", "archive", absent, "--output", file("absent.json"))).toMatchObject({ code: 1 });
    const own = (await run("network", "submit", harmonicNetwork, "--scope", "lab-a-lost")).stdout.trim();
    expect(await run("network", "restore", file("a.json"), "--scope", "lab-a-lost")).toMatchObject({ code: 0 });
    const objects = join(lab.data, "objects", "protocoldagresult", "lab", "a", "lost");
    const [victim = ""] = readdirSync(objects, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".zst"));
    rmSync(join(objects, victim));
    const failed = await run("network", "archive", own, "--output", file("lost.json"));
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("--skip-missing") });
    expect(readdirSync(file(".")).filter((name) => /absent|lost|part/.test(name))).toEqual([]);
    const without = await run("network", "archive", own, "--output", file("without.json"), "--skip-missing");
    expect(without).toMatchObject({ code: 0, stderr: expect.stringContaining("warning:") });
  });
});

describe("an archive", () => {
  test("is brought back to a server, once however often it is done", async () => {
    const restored = await run("network", "restore", file("a.json.zst"), "--scope", "lab-back-b", "--state", "inactive");
    const there = network.replace("-lab-a-b", "-lab-back-b");
    expect(restored).toEqual({
      code: 0,
      stdout: `${there}\n`,
      stderr: `Submitted the network; ${tasks} results brought back, 0 were there already.\n`,
    });
    expect((await run("network", "state", there)).stdout).toBe("inactive\n");
    const again = await json("network", "restore", file("a.json.gz"), "--scope", "lab-back-b");
    expect(again).toEqual({ network: there, submitted: false, imported: 0, present: tasks });
    const shown = async (key: string) => {
      const { by_transformation: rows = [] } = await json<NetworkEstimates>("results", key);
      return rows.map(({ transformation: _, ...row }) => row);
    };
    expect(await shown(there)).toEqual(await shown(network));
  });

  test("comes from standard input as well", async () => {
    const input = readFileSync(file("a.json"), "utf8");
    const restored = await lab.pipe(input, "network", "restore", "-", "--scope", "lab-back-b");
    expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining(`${tasks} were there already`) });
  });

  test("that is none, or cut off, or for a scope with a wildcard, is refused", async () => {
    writeFileSync(file("cut.json"), readFileSync(file("a.json")).subarray(0, 5000));
    const restore = (name: string, scope = "lab-none-b") => run("network", "restore", file(name), "--scope", scope);
    expect(await restore("cut.json")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cut\.json is no archive.*too early/),
    });
    expect(await restore("notes.json")).toMatchObject({ code: 1, stderr: expect.stringContaining("keyed chain") });
    expect(await restore("none.json")).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot read") });
    expect(await restore("a.json", "lab-*-*")).toMatchObject({ code: 2, stderr: expect.stringContaining("wildcard") });
    const network = await run("network", "restore", harmonicNetwork, "--scope", "lab-none-b");
    expect(network).toMatchObject({ code: 1, stderr: expect.stringContaining("not an AlchemicalArchive") });
    expect((await run("network", "list", "--scope", "lab-none-b", "--keys")).stdout).toBe("");
  });
});

const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";

test.skipIf(python === "")(
  "the Python package reads our archives as its own, and we bring back those that it writes (ALCHEMISCALE_TEST_PYTHON)",
  async () => {
    await run("network", "archive", network, "--output", file("ours.json"), "--metadata", file("notes.json"));
    const program = join(import.meta.dirname, "python", "archives.py");
    const told = async (key: string, read: string, written: string) => {
      const { ALCHEMISCALE_URL: url = "", ALCHEMISCALE_ID: identifier = "", ALCHEMISCALE_KEY: secret = "" } = lab.environment;
      const { stdout } = await promisify(execFile)(python, [program, url, identifier, secret, key, file(read), file(written)]);
      return JSON.parse(stdout) as { readonly keys: readonly [string, string] };
    };
    const first = await told(network, "ours.json", "theirs.json");
    const same = { equal: true, network: true, results: true, outputs: true, count: tasks };
    expect(first).toMatchObject({ ...same, metadata: { note: "für später", n: 3 }, version: "1.12.0" });
    expect(first.keys[0]).toBe(first.keys[1]);
    expect(sliceKeyedChain(readFileSync(file("ours.json"), "utf8")).root.key).toBe(first.keys[0]);

    const restored = await run("network", "restore", file("theirs.json"), "--scope", "lab-python-b");
    expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining(`${tasks} results brought back`) });
    expect(await told(restored.stdout.trim(), "ours.json", "again.json")).toMatchObject(same);
  },
  120_000,
);
