/** With a real interpreter: `ALCHEMISCALE_TEST_PYTHON` names one that has gufe. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parseScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { executorTask } from "../../test/executor-task.ts";
import { type Misbehaving, misbehaving, testPython } from "../../test/misbehaving.ts";
import { nativeEstimate } from "../../test/native-estimate.ts";
import type { Executor, ExecutorTask, Outcome } from "../executor.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { createPythonExecutor } from "./python-executor.ts";

if (testPython === "")
  console.log("skipped: tests of the Python executor (ALCHEMISCALE_TEST_PYTHON names no interpreter with gufe)");

describe.skipIf(testPython === "")("the Python executor (ALCHEMISCALE_TEST_PYTHON names an interpreter with gufe)", () => {
  let environment: Misbehaving;
  let executor: Executor;
  let directory: string;
  const never = new AbortController().signal;
  const transformation = (deed: string, where = "") => environment.transformation(deed, where);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-compute-test-"));
    environment = await misbehaving();
    executor = environment.executor;
  });
  afterAll(async () => {
    await environment?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  function task(transformation: string, more: Partial<ExecutorTask> = {}): ExecutorTask {
    return executorTask(transformation, directory, more);
  }

  async function chainOf(outcome: Outcome): Promise<string> {
    if (outcome.kind !== "result" || !("path" in outcome.result)) throw new Error(`no result: ${JSON.stringify(outcome)}`);
    const text = zstdDecompressSync(await readFile(outcome.result.path)).toString();
    await outcome.dispose();
    return text;
  }

  const run = (chain: string, more: Partial<ExecutorTask> = {}) =>
    executor.execute(task(chain, more), new AbortController().signal);

  test("lists the Protocols that the environment has", () => {
    expect(executor.protocols).toEqual(expect.arrayContaining(["HarmonicSwitchingProtocol", "MisbehavingProtocol"]));
  });

  test("runs the native protocol's Python class, whose result is read here; and goes on from it", async () => {
    const harmonic = await readFile(new URL("../../test/fixtures/native/transformation.json", import.meta.url), "utf8");
    const outcome = await run(harmonic);
    if (outcome.kind !== "result" || !("path" in outcome.result)) throw new Error("no result");
    const stored = await readFile(outcome.result.path);
    const first = zstdDecompressSync(stored).toString();
    await outcome.dispose();
    const second = await chainOf(await run(harmonic, { extended: stored }));
    expect(summarizeResult(second).extendsKey).toBe(summarizeResult(first).key);
    const estimate = nativeEstimate([first, second]);
    expect(estimate?.estimate).toBeCloseTo(-1.32383442027715, 9);
    expect(await readdir(directory)).toEqual([]);
  });

  test("a unit that always fails is a result with its attempts", async () => {
    const summary = summarizeResult(await chainOf(await run(transformation("odd arguments"))));
    expect(summary.ok).toBe(false);
    expect(summary.failures).toHaveLength(2);
    expect(summary.failures[0]?.exception?.[0]).toBe("ValueError");
  });

  test("where no ProtocolDAG can be made there is an explanation", async () => {
    const outcome = await run(transformation("no dag"));
    expect(outcome).toMatchObject({
      kind: "failure",
      exception: expect.stringMatching(/^ValueError: .*there is no DAG to be had$/),
    });
    expect(outcome.kind === "failure" && outcome.traceback).toContain("Traceback");
  });

  test("a crash in a unit is a result that blames the unit and keeps those done", async () => {
    const summary = summarizeResult(await chainOf(await run(transformation("segfault"))));
    expect(summary.ok).toBe(false);
    expect(summary.units.filter(({ ok }) => ok)).toHaveLength(1);
    expect(summary.failures).toHaveLength(1);
    expect(summary.failures[0]?.traceback).toContain("SIGSEGV");
    expect(summary.failures[0]?.traceback).toContain("about to fall");
    expect(await readdir(directory)).toEqual([]);
  });

  test("a crash before there is a ProtocolDAG is an explanation, and the next Task has a new interpreter", async () => {
    expect(await run(transformation("exit early"))).toMatchObject({
      kind: "failure",
      exception: expect.stringContaining("code 5"),
    });
    const summary = summarizeResult(await chainOf(await run(transformation("nothing"))));
    expect(summary.ok).toBe(true);
  });

  test("stays warm between Tasks", async () => {
    const pids = new Set<unknown>();
    for (const name of ["Task-1-o-c-p", "Task-2-o-c-p"]) {
      const prepared = await executor.prepare(task(transformation("nothing"), { task: parseScopedKey(name) }), never);
      if (prepared.kind !== "prepared") throw new Error(prepared.exception);
      for (const unit of prepared.units) await prepared.executeUnit(unit.key, { variables: {} }, never);
      const units = join(directory, `alchemiscale-task-${name}`, "out", "units");
      for (const file of await readdir(units)) {
        if (file.endsWith(".provenance")) pids.add(JSON.parse(await readFile(join(units, file), "utf8")).pid);
      }
      await prepared.abandon();
    }
    expect(pids.size).toBe(1);
  });

  test("units of two environments, and what is between them, take two interpreters and no more", async () => {
    const pool = await createPythonExecutor({ python: testPython, modules: ["misbehaving"], idleInterpreters: 1 });
    onTestFinished(() => pool.close());
    const pids = new Set<unknown>();
    for (const name of ["Task-1-o-c-p", "Task-2-o-c-p"]) {
      const prepared = await pool.prepare(task(transformation("nothing"), { task: parseScopedKey(name) }), never);
      if (prepared.kind !== "prepared") throw new Error(prepared.exception);
      const [good, bad, last] = prepared.units.map(({ key }) => key);
      await prepared.executeUnit(good ?? "", { variables: { CUDA_VISIBLE_DEVICES: "" } }, never);
      // Both at once: as many as are needed at once are kept.
      await Promise.all([
        prepared.executeUnit(bad ?? "", { variables: { CUDA_VISIBLE_DEVICES: "0" } }, never),
        pool.prepare(task(transformation("nothing"), { task: parseScopedKey("Task-3-o-c-p") }), never).then(async (other) => {
          if (other.kind === "prepared") await other.abandon();
        }),
      ]);
      await prepared.executeUnit(last ?? "", { variables: { CUDA_VISIBLE_DEVICES: "" } }, never);
      const outcome = await prepared.assemble(never);
      if (outcome.kind !== "result") throw new Error(outcome.exception);
      for (const { pid } of (outcome.provenance?.units ?? []) as readonly { readonly pid?: unknown }[]) pids.add(pid);
      await outcome.dispose();
    }
    expect(pids.size).toBe(2);
  });

  test("a unit has the environment that it is given, and two run at once in two interpreters", async () => {
    const prepared = await executor.prepare(task(transformation("nothing")), never);
    if (prepared.kind !== "prepared") throw new Error(prepared.exception);
    const [good, bad, last] = prepared.units;
    expect(bad?.dependencies).toEqual([good?.key]);
    await prepared.executeUnit(good?.key ?? "", { variables: { CUDA_VISIBLE_DEVICES: "3" } }, never);
    await prepared.executeUnit(bad?.key ?? "", { variables: { CUDA_VISIBLE_DEVICES: "" } }, never);
    await prepared.executeUnit(last?.key ?? "", { variables: {} }, never);
    const units = join(directory, "alchemiscale-task-Task-1-o-c-p", "out", "units");
    const files = (await readdir(units)).filter((name) => name.endsWith(".provenance")).sort();
    const told = await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(units, name), "utf8"))));
    expect(told.map(({ variables }) => variables.CUDA_VISIBLE_DEVICES)).toEqual(["3", "", undefined]);
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(3);
    expect(summarizeResult(await chainOf(await prepared.assemble(never))).ok).toBe(true);
  });

  test.each([
    ["eat memory", { memory: 600 * 2 ** 20, seconds: null }, "MemoryLimitExceeded", "600 MiB"],
    ["children eat memory", { memory: 600 * 2 ** 20, seconds: null }, "MemoryLimitExceeded", "600 MiB"],
    ["sleep", { memory: null, seconds: 4 }, "TimeLimitExceeded", "4 s"],
    ["exit", { memory: null, seconds: null }, "InterpreterCrash", "exited with code 3"],
  ])("a unit that does '%s' is a failure with its reason, and the next Task runs", async (deed, limits, exception, reason) => {
    const outcome = await run(transformation(deed, join(directory, "..", `alchemiscale-pid-${process.pid}`)), { limits });
    expect(outcome).toMatchObject({ ok: false, exception: expect.stringContaining(reason) });
    const { failures } = summarizeResult(await chainOf(outcome));
    expect(failures.map((failure) => failure.exception?.[0])).toEqual([exception]);
    expect(summarizeResult(await chainOf(await run(transformation("nothing")))).ok).toBe(true);
    await rm(join(directory, "..", `alchemiscale-pid-${process.pid}`), { force: true });
  });

  test("output and chosen files are there until the result has been sent", async () => {
    const keep = { output: true, files: ["*/kept"], fileBytes: 1000, totalBytes: 10_000 };
    const outcome = await run(transformation("nothing"), { keep });
    if (outcome.kind !== "result") throw new Error("no result");
    const read = await Promise.all((outcome.files ?? []).map(async ({ name, path }) => [name, await readFile(path, "utf8")]));
    expect(read.filter(([, text]) => text === "a Protocol may write to stdout\n").map(([name]) => name)).toEqual([
      expect.stringMatching(/^0000-GoodUnit-[0-9a-f]{32}-attempt-0\.stdout$/),
      expect.stringMatching(/^0002-GoodUnit-[0-9a-f]{32}-attempt-0\.stdout$/),
    ]);
    expect(read.filter(([, text]) => text === "x").map(([name]) => name)).toEqual([
      expect.stringMatching(/^shared_GoodUnit-[0-9a-f]{32}_attempt_0\/kept$/),
      expect.stringMatching(/^shared_GoodUnit-[0-9a-f]{32}_attempt_0\/kept$/),
    ]);
    expect(outcome.provenance).toMatchObject({
      executor: { name: "python" },
      packages: { gufe: expect.any(String) },
      units: [{ name: "good" }, { name: "bad", cpu_seconds: expect.any(Number) }, { name: "last" }],
    });
    await outcome.dispose();
    expect(await readdir(directory)).toEqual([]);
  });

  test("what a unit leaves running ends with it", async () => {
    const beside = await mkdtemp(join(tmpdir(), "alchemiscale-pid-"));
    onTestFinished(() => rm(beside, { recursive: true }));
    const outcome = await run(transformation("leave daemon", join(beside, "pid")));
    expect(summarizeResult(await chainOf(outcome)).ok).toBe(true);
    const pid = Number(await readFile(join(beside, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  test("a Task that was left is gone on with, but for units that are done", async () => {
    const controller = new AbortController();
    const reason = Object.assign(new Error("the service stops"), { resumable: true });
    const marker = join(await mkdtemp(join(tmpdir(), "alchemiscale-pid-")), "pid");
    onTestFinished(() => rm(join(marker, ".."), { recursive: true }));
    const content = task(transformation("sleep once", marker));
    const first = executor.execute(content, controller.signal);
    while ((await readFile(marker, "utf8").catch(() => "")) === "") await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect((await readdir(directory)).length).toBeGreaterThan(0);
    const again = await executor.prepare(content, never);
    if (again.kind !== "prepared") throw new Error(again.exception);
    expect([...again.finished.keys()]).toEqual([again.units[0]?.key]);
    for (const { key } of again.units.slice(1)) await again.executeUnit(key, { variables: {} }, never);
    expect(summarizeResult(await chainOf(await again.assemble(never))).ok).toBe(true);
    expect(await readdir(directory)).toEqual([]);
  });

  test("an aborted Task ends with its processes, at once, and leaves nothing behind", async () => {
    const beside = await mkdtemp(join(tmpdir(), "alchemiscale-pid-"));
    onTestFinished(() => rm(beside, { recursive: true }));
    const pidFile = join(beside, "pid");
    const controller = new AbortController();
    const reason = new Error("stop");
    const outcome = executor.execute(task(transformation("sleep", pidFile)), controller.signal);
    let pid = 0;
    while (pid === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pid = Number(await readFile(pidFile, "utf8").catch(() => "0"));
    }
    controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    expect(await readdir(directory)).toEqual([]);
  });
});

test("an interpreter that does not exist is the executor's fault, not a Task's", async () => {
  await expect(createPythonExecutor({ python: "/nonexistent/python" })).rejects.toThrow(ExecutorUnavailable);
});
