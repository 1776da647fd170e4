/** With a real interpreter: `ALCHEMISCALE_TEST_PYTHON` names one that has gufe. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { parseScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { ExecutorTask, Outcome, TaskExecutor } from "../executor.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { harmonicEstimate } from "../native/harmonic-estimate.ts";
import { createPythonExecutor } from "./python-executor.ts";

const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";
if (python === "") console.log("skipped: tests of the Python executor (ALCHEMISCALE_TEST_PYTHON names no interpreter with gufe)");

const packages = fileURLToPath(new URL("../../../../python/", import.meta.url));
const misbehaving = join(packages, "tests");

/** Keyed chain of a Transformation whose second of three units does nothing. */
function harmless(): string {
  const program = `
from gufe import ChemicalSystem, SolventComponent, Transformation
from misbehaving import MisbehavingProtocol, MisbehavingSettings
from openff.units import Quantity
a, b = (ChemicalSystem({"s": SolventComponent(ion_concentration=Quantity(c, "molar"))}) for c in (0.1, 0.2))
print(Transformation(a, b, protocol=MisbehavingProtocol(MisbehavingSettings(deed="nothing")), name="t").to_json())`;
  const env = { ...process.env, PYTHONPATH: [packages, misbehaving].join(delimiter) };
  return execFileSync(python, ["-c", program], { env, encoding: "utf8" });
}

describe.skipIf(python === "")("the Python executor (ALCHEMISCALE_TEST_PYTHON names an interpreter with gufe)", () => {
  let executor: TaskExecutor;
  let directory: string;
  let chain: string;
  const events: string[] = [];
  const inheritedPath = process.env.PYTHONPATH;

  beforeAll(async () => {
    process.env.PYTHONPATH = misbehaving;
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-compute-test-"));
    chain = harmless();
    executor = await createPythonExecutor({ python, modules: ["misbehaving"], onEvent: (text) => events.push(text) });
  });
  afterAll(async () => {
    await executor?.close();
    await rm(directory, { recursive: true, force: true });
    if (inheritedPath === undefined) delete process.env.PYTHONPATH;
    else process.env.PYTHONPATH = inheritedPath;
  });
  beforeEach(() => void events.splice(0));

  /** gufe takes the chain's keys as labels and computes its own, so that the settings can be written into the text. */
  function transformation(deed: string, where = ""): string {
    return chain.replace('"deed": "nothing", "where": ""', `"deed": ${JSON.stringify(deed)}, "where": ${JSON.stringify(where)}`);
  }

  function task(transformation: string, more: Partial<ExecutorTask> = {}): ExecutorTask {
    return {
      task: parseScopedKey("Task-1-o-c-p"),
      transformation,
      extended: null,
      retries: 1,
      sharedBasedir: directory,
      scratchBasedir: directory,
      keepShared: false,
      keepScratch: false,
      ...more,
    };
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
    const estimate = harmonicEstimate([first, second]);
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
    await chainOf(await run(transformation("nothing")));
    await chainOf(await run(transformation("nothing")));
    expect(events.filter((text) => text.startsWith("Python "))).toEqual([]);
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
