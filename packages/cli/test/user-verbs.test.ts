import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AlchemiscaleComputeClient } from "@alchemiscale/client";
import { parseComputeServiceId, parseScope, parseScopedKey } from "@alchemiscale/contract";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { labOfFile } from "./lab.ts";
import { bin, cleanEnvironment, fixture, harmonicNetwork } from "./run-command.ts";

// Dozens of processes: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 180_000 });

const lab = labOfFile();
const { file, run, json } = lab;
const absent = "AlchemicalNetwork-00000000000000000000000000000000-lab-a-b";
let network: string;
let tasks: { task: string; transformation: string }[];

beforeAll(async () => {
  network = (await run("network", "submit", harmonicNetwork, "--scope", "lab-a-b")).stdout.trim();
  tasks = await json("task", "create", network);
});

describe("networks", () => {
  test("are listed with state, weight and numbers of Tasks", async () => {
    expect(await json("network", "list")).toMatchObject([
      { network, state: "active", weight: 0.5, tasks: { waiting: 15, complete: 0 } },
    ]);
    expect((await run("network", "list")).stdout).toMatch(
      new RegExp(`^network +state +weight +complete +running +waiting +error\n${network} +active +0.5 +0 +0 +15 +0\n$`),
    );
    expect(await json("network", "list", "--scope", "lab-other-*")).toEqual([]);
    expect(await json("network", "list", "--state", "inactive")).toEqual([]);
    expect(await json("network", "list", "--state", "any")).toHaveLength(1);
    expect((await run("network", "list", "--keys")).stdout).toBe(`${network}\n`);
  });

  test("are got as they were submitted", async () => {
    const printed = await run("network", "get", network);
    expect(printed.stdout.trim()).toBe(readFileSync(harmonicNetwork, "utf8").trim());
    const output = file("got.json");
    expect(await run("network", "get", network, "--output", output)).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(output, "utf8")).toBe(printed.stdout);
  });

  test("show and change their state and weight", async () => {
    expect(await run("network", "state", network)).toMatchObject({ code: 0, stdout: "active\n" });
    expect(await run("network", "state", network, "inactive")).toMatchObject({ code: 0, stdout: "inactive\n" });
    expect(await json("network", "state", network, "active")).toEqual({ network, state: "active" });
    expect(await run("network", "weight", network, "0.25")).toMatchObject({ code: 0, stdout: "0.25\n" });
    expect(await json("network", "weight", network)).toEqual({ network, weight: 0.25 });
    for (const args of [
      ["state", absent],
      ["state", absent, "invalid"],
      ["weight", absent],
      ["weight", absent, "1"],
      ["get", absent],
    ]) {
      const ended = await run("network", ...args);
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toContain("there is no network");
    }
    const missing = "AlchemicalNetwork-00000000000000000000000000000000-lab-a-b";
    expect(await run("task", "action", missing)).toMatchObject({ code: 1, stdout: "" });
    const other = await run("network", "weight", tasks[0]?.transformation ?? "");
    expect(other).toMatchObject({ code: 2, stdout: "" });
    expect(other.stderr).toContain("is a Transformation; the key of an AlchemicalNetwork is needed");
    expect(await run("network", "state", network, "asleep")).toMatchObject({ code: 2 });
    expect(await run("network", "weight", network, "2")).toMatchObject({ code: 2 });
  });

  test("have restart patterns", async () => {
    const verb = (name: string, ...args: string[]) => json("network", "restart-patterns", name, network, ...args);
    expect(await verb("add", "MemoryError", "CUDA.*", "--max-retries", "2")).toHaveLength(2);
    await verb("max-retries", "5", "MemoryError");
    expect(new Set((await verb("list")) as unknown[])).toEqual(
      new Set([
        { pattern: "MemoryError", maxRetries: 5 },
        { pattern: "CUDA.*", maxRetries: 2 },
      ]),
    );
    expect(await verb("remove", "CUDA.*")).toEqual([{ pattern: "MemoryError", maxRetries: 5 }]);
    expect((await run("network", "restart-patterns", "list", network)).stdout).toMatch(/MemoryError +5\n/);
    expect(await verb("clear")).toEqual([]);
  });
});

test("transformations are listed, with numbers of Tasks", async () => {
  const all = await json<{ transformation: string }[]>("transformation", "list");
  expect(all).toHaveLength(15);
  const ofNetwork = await json<{ transformation: string; tasks: object }[]>(
    "transformation",
    "list",
    "--network",
    network,
    "--status",
  );
  expect(ofNetwork.map(({ transformation }) => transformation).sort()).toEqual(
    all.map(({ transformation }) => transformation).sort(),
  );
  expect(ofNetwork[0]?.tasks).toMatchObject({ waiting: 1, error: 0 });
  expect((await run("transformation", "list", "--name", "no such name")).stdout).toBe("");
  expect(await run("transformation", "list", "--network", network, "--scope", "lab-a-b")).toMatchObject({ code: 2 });
});

test("transformations, chemical systems and Tasks are shown with what they belong to, and got as they are stored", async () => {
  const { task = "", transformation = "" } = tasks[0] ?? {};
  const shown = await json<{ systems: string[] }>("transformation", "show", transformation);
  expect(shown).toMatchObject({
    transformation,
    protocol: "HarmonicSwitchingProtocol",
    networks: [network],
    tasks: { waiting: 1 },
  });
  expect(shown.systems).toHaveLength(2);
  const [system = ""] = shown.systems;
  const systems = (await run("system", "list", "--network", network)).stdout.trim().split("\n");
  expect(systems).toHaveLength(10);
  expect(systems).toContain(system);
  expect((await json<unknown[]>("system", "list", "--scope", "lab-a-*")).length).toBe(10);
  expect(await json("system", "show", system)).toMatchObject({ system, networks: [network] });
  expect((await run("system", "show", system)).stdout).toContain(`transformation  ${transformation}\n`);
  for (const [command, key] of [
    ["transformation", transformation],
    ["system", system],
  ] as const) {
    const chain = JSON.parse((await run(command, "get", key)).stdout) as [string, unknown][];
    expect(key.startsWith(`${chain.at(-1)?.[0]}-`)).toBe(true);
  }
  expect(await json("task", "show", task)).toEqual({
    task,
    status: "waiting",
    priority: 10,
    transformation,
    networks: [{ network, weight: null }],
  });
  const history = (await run("task", "show", task, "--history")).stdout;
  expect(history).toMatch(new RegExp(`^transformation +${transformation}\nnetwork +${network}\n.*${task}`, "m"));
  expect(await run("system", "get", transformation)).toMatchObject({ code: 2 });
  expect(await run("task", "show", "Task-00000000000000000000000000000000-lab-a-b")).toMatchObject({ code: 1 });
});

describe("Tasks", () => {
  const key = (index: number) => tasks[index]?.task ?? "";

  test("are listed by network, transformation and scope", async () => {
    expect(await json("task", "list", "--network", network)).toHaveLength(15);
    expect(await json("task", "list", "--transformation", tasks[3]?.transformation ?? "")).toEqual([
      { task: key(3), status: "waiting", priority: 10 },
    ]);
    expect(await json("task", "list", "--scope", "lab-a-*", "--status", "error")).toEqual([]);
    expect((await run("task", "list", "--network", network, "--keys")).stdout.trim().split("\n").sort()).toEqual(
      tasks.map(({ task }) => task).sort(),
    );
    expect(await run("task", "list", "--actioned")).toMatchObject({ code: 2 });
  });

  test("have priorities", async () => {
    expect(await json("task", "priority", key(0), key(1), "--set", "3")).toEqual([
      { task: key(0), priority: 3 },
      { task: key(1), priority: 3 },
    ]);
    expect((await run("task", "priority", key(1), key(2))).stdout).toMatch(/Task-\S+ +3\nTask-\S+ +10\n/);
    expect(await run("task", "priority", key(1), "--set", "0")).toMatchObject({ code: 2 });
  });

  test("are actioned and canceled", async () => {
    await run("task", "action", network, key(0), key(1));
    expect(await json("task", "list", "--network", network, "--actioned")).toHaveLength(2);
    expect((await run("task", "cancel", network, key(0))).stdout).toBe(`${key(0)}\n`);
    expect(await run("task", "cancel", network, key(0))).toMatchObject({ code: 1, stdout: "" });
    expect(await json("task", "cancel", network, "--all")).toMatchObject({ canceled: [key(1)] });
    expect(await run("task", "cancel", network)).toMatchObject({ code: 2 });
  });

  test("get another status where they may", async () => {
    const changed = await lab.pipe(`${key(13)}\n${key(14)}\n`, "task", "set-status", "deleted", "-");
    expect(changed).toMatchObject({ code: 0, stdout: `${key(13)}\n${key(14)}\n` });
    const refused = await run("task", "set-status", "waiting", key(13));
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(key(13));
    expect(await json("task", "status", key(0), key(13))).toEqual([
      { task: key(0), status: "waiting" },
      { task: key(13), status: "deleted" },
    ]);
    const missing = await run("task", "status", "Task-00000000000000000000000000000000-lab-a-b");
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stdout).toContain("not there");
    expect(await run("task", "set-status", "complete", key(0))).toMatchObject({ code: 2 });
    expect(await run("task", "status")).toMatchObject({ code: 2 });
  });
});

describe("what came of Tasks", () => {
  let task: string;
  let compute: AlchemiscaleComputeClient;
  const service = parseComputeServiceId("box-8a4b1a36-0e0e-4a2c-8ad0-4a8f4a0f5b11");

  const claim = { service, scopes: [parseScope("lab-*-*")], count: 1, protocols: ["HarmonicSwitchingProtocol"] };

  beforeAll(async () => {
    compute = new AlchemiscaleComputeClient({ url: lab.server.computeAddress, identifier: "compute", key: "compute key" });
    await compute.register(service);
    await run("task", "action", network, tasks[5]?.task ?? "");
    [task = ""] = (await compute.claim(claim)).tasks;
    const posted = gunzipSync(readFileSync(fixture("failed-result-posted.json.gz"))).toString("utf8");
    const body = posted.replace(/"compute_service_id": "[^"]*"/, `"compute_service_id": "${service}"`);
    await compute.connection.text({ method: "POST", path: `/tasks/${task}/results`, body });
  });

  test("failures are shown with their tracebacks", async () => {
    expect(task).toBe(tasks[5]?.task);
    for (const key of [network, tasks[5]?.transformation ?? "", task]) {
      const shown = await run("failures", key);
      expect(shown).toMatchObject({ code: 0, stderr: "" });
      expect(shown.stdout).toContain("Traceback (most recent call last)");
    }
    const short = await run("failures", network, "--short");
    expect(short.stdout).toMatch(new RegExp(`^task +when +reason\n${task} +\\S+ +\\S`));
    expect(await json("failures", network)).toMatchObject([
      { task, creator: service, failures: Array(3).fill({ traceback: expect.stringContaining("Traceback") }) },
    ]);
    expect(await run("failures", tasks[0]?.task ?? "")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "There are no failures.\n",
    });
    await run("task", "action", network, tasks[6]?.task ?? "");
    const [unmade = parseScopedKey(task)] = (await compute.claim(claim)).tasks;
    expect(unmade).toBe(tasks[6]?.task);
    await compute.postFailure(unmade, {
      service,
      exception: "KeyError: 'solvent'",
      traceback: "Traceback …\nKeyError: 'solvent'",
    });
    const more = await run("failures", network, "--short");
    expect(more).toMatchObject({ code: 0, stderr: "" });
    expect(more.stdout).toMatch(new RegExp(`^${task} +\\S+ +\\S[^]*^${unmade} +\\S+ +KeyError: 'solvent'\n$`, "m"));
    expect(await json("failures", unmade)).toMatchObject([
      { ref: null, task: unmade, creator: service, failures: [{ traceback: "Traceback …\nKeyError: 'solvent'" }] },
    ]);
    expect((await run("failures", unmade)).stdout).toMatch(/^No ProtocolDAG could be made:\nTraceback …$/m);
    expect(await run("failures", absent)).toMatchObject({ code: 1 });
    expect(await run("failures", "ProtocolDAGResultRef-1-lab-a-b")).toMatchObject({ code: 2 });
  });

  test("results are saved once, and again only what is missing", async () => {
    const output = file("results");
    const first = await run("results", network, "--output", output, "--csv", "--table", "transformations");
    expect(first.stdout).toMatch(/^transformation,name,protocol,leg,estimate,uncertainty,n_results,succeeded,failed,flags\r\n/);
    expect(first.stdout.split("\r\n").filter((line) => line.includes(",,,0,0,1,"))).toHaveLength(1);
    expect(first.stderr).toContain("1 results saved");
    const [failure = ""] = globSync(join(output, "*", "failures", "*.json.zst"));
    const { mtimeMs } = statSync(failure);
    expect((await run("results", network, "--output", output)).stderr).toContain("1 were there already");
    expect(statSync(failure).mtimeMs).toBe(mtimeMs);
    rmSync(failure);
    expect((await run("results", tasks[5]?.transformation ?? "", "--output", output)).code).toBe(0);
    expect(statSync(failure).size).toBeGreaterThan(0);
  });

  test("what is kept beside results is shown and saved", async () => {
    const [ref = ""] = (await json<{ ref: string }[]>("failures", task)).map((each) => each.ref);
    const unknown = await run("results", "provenance", network);
    expect(unknown).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining(ref) });
    expect(await run("results", "files", task)).toMatchObject({ code: 0, stdout: "", stderr: "No files are kept.\n" });

    const provenance = {
      executor: { name: "python", version: "0.2.0" },
      host: { name: "box", cpu: { model: "a CPU", cores: 2 }, gpus: [{ name: "a GPU", uuid: "GPU-1", driver: "565.57" }] },
      packages: { gufe: "1.12.0" },
      units: [{ unit: "A-1", name: "setup", attempt: 1, ok: false, seconds: 1.25, peak_memory_bytes: 2 ** 30 }],
    };
    const post = (path: string, body: string) =>
      compute.connection.text({ method: "POST", path: `/v1/results/${ref}/${path}`, body });
    await post("provenance", JSON.stringify(provenance));
    const files = new Map([
      ["0000-A-1-attempt-0.stderr", "a warning"],
      ["shared_A-1/../run.log", "a log"],
    ]);
    for (const [name, content] of files) await post(`files/${encodeURIComponent(name)}`, content);

    for (const key of [network, tasks[5]?.transformation ?? "", task, ref]) {
      expect(await json("results", "provenance", key)).toEqual([{ result: ref, provenance }]);
    }
    const shown = (await run("results", "provenance", ref)).stdout;
    expect(shown).toMatch(
      /^host +box: 2 × a CPU\nGPU +a GPU, driver 565\.57\nexecutor +python 0\.2\.0\npackages +gufe 1\.12\.0$/m,
    );
    expect(shown).toMatch(/^setup +1 +no +1\.3 +1024$/m);

    const listed = [...files].map(([name, content]) => ({ result: ref, name, bytes: content.length }));
    expect(new Set(await json<unknown[]>("results", "files", network))).toEqual(new Set(listed));
    expect(await json("results", "files", ref, "--name", "*.stderr")).toEqual([listed[0]]);
    const output = file("files");
    const saved = await json<{ path: string }[]>("results", "files", network, "--output", output);
    expect(saved.map(({ path }) => readFileSync(path, "utf8")).sort()).toEqual(["a log", "a warning"]);
    expect(globSync(join(output, "**"), { withFileTypes: true }).filter((each) => each.isFile())).toHaveLength(2);
    // What was interrupted goes on: the one that is missing is asked for, and nothing else.
    rmSync(saved[0]?.path ?? "");
    const again = await run("results", "files", network, "--output", output);
    expect(again).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("1 files saved") });
    expect(again.stderr).toContain("1 were there already");

    expect(await run("results", "files", absent)).toMatchObject({ code: 1 });
    expect(await run("results", "provenance", "ChemicalSystem-1-lab-a-b")).toMatchObject({ code: 2 });
  });

  test("a network is watched until nothing is left to do, or Ctrl-C", async () => {
    const interrupted = spawn(process.execPath, [bin, "watch", network, "--history"], { env: cleanEnvironment(lab.environment) });
    const end = once(interrupted, "close");
    let lines = "";
    await new Promise<void>((resolve) => {
      interrupted.stdout.on("data", (chunk) => {
        lines += chunk;
        if (/status +Task-\S+ +running → error/.test(lines)) resolve();
      });
    });
    interrupted.kill("SIGINT");
    expect((await end)[0]).toBe(130);

    const watched = run("watch", network, "--history", "--json");
    await run("task", "set-status", "deleted", ...tasks.map((each) => each.task));
    const { code, stdout } = await watched;
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split("\n")
      .map((each) => JSON.parse(each));
    expect(events).toContainEqual(expect.objectContaining({ kind: "status", task, from: "running", to: "error" }));
    const done = await run("watch", network);
    expect(done.stdout).toMatch(/deleted +15\n/);
  });
});
