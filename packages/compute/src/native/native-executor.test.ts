import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { executorTask } from "../../test/executor-task.ts";
import type { Executor, ExecutorTask, NoResult, Outcome, PreparedTask, UnitPlace } from "../executor.ts";
import { readJournal } from "./attempt-journal.ts";
import { createNativeExecutor } from "./native-executor.ts";

const fixture = (name: string) => readFile(new URL(`../../test/fixtures/native/${name}`, import.meta.url), "utf8");
const never = new AbortController().signal;
const anywhere: UnitPlace = { variables: {} };

let executor: Executor;
let directory: string;
beforeEach(async () => {
  executor = createNativeExecutor();
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-native-executor-"));
});
afterEach(async () => {
  await executor.close();
  await rm(directory, { recursive: true });
});

async function taskOf(file: string, more: Partial<ExecutorTask> = {}): Promise<ExecutorTask> {
  return executorTask(await fixture(file), directory, more);
}

async function pausing(seconds: number, more: Partial<ExecutorTask> = {}): Promise<ExecutorTask> {
  const task = await taskOf("transformation.json", more);
  return {
    ...task,
    transformation: task.transformation.replaceAll('"pause": {"magnitude": 0.0', `"pause": {"magnitude": ${seconds.toFixed(1)}`),
  };
}

function ready(prepared: PreparedTask | NoResult): PreparedTask {
  if (prepared.kind !== "prepared") throw new Error(prepared.exception);
  return prepared;
}

async function summaryOf(outcome: Outcome) {
  if (outcome.kind !== "result" || !("bytes" in outcome.result)) throw new Error(`no result: ${JSON.stringify(outcome)}`);
  await outcome.dispose();
  return summarizeResult(new TextDecoder().decode(outcome.result.bytes));
}

describe("unit by unit", () => {
  test("units that do not wait for each other run at once, and the result lists them in gufe's order", async () => {
    const prepared = ready(await executor.prepare(await pausing(0.3), never));
    const [setup, first, second, analysis] = prepared.units;
    if (!(setup && first && second && analysis)) throw new Error("four units are expected");
    expect(analysis.dependencies.toSorted()).toEqual([first.key, second.key].toSorted());
    await prepared.executeUnit(setup.key, anywhere, never);
    const start = performance.now();
    const outcomes = await Promise.all([second, first].map(({ key }) => prepared.executeUnit(key, anywhere, never)));
    const together = (performance.now() - start) / 1000;
    expect(outcomes.map(({ ok, attempts }) => [ok, attempts])).toEqual([
      [true, 1],
      [true, 1],
    ]);
    expect(together).toBeLessThan(outcomes.reduce((sum, { seconds }) => sum + seconds, 0));
    await prepared.executeUnit(analysis.key, anywhere, never);
    const summary = await summaryOf(await prepared.assemble(never));
    expect(summary.ok).toBe(true);
    expect(summary.units.map(({ sourceKey }) => sourceKey)).toEqual(prepared.units.map(({ key }) => key));
    expect(await readdir(directory)).toEqual([]);
  });

  test("a unit has its attempts, and its failures are in the result", async () => {
    const summary = await summaryOf(await executor.execute(await taskOf("transformation-failing.json", { retries: 2 }), never));
    expect(summary.ok).toBe(false);
    expect(summary.failures).toHaveLength(3);
  });

  test("where no ProtocolDAG can be made there is an explanation", async () => {
    const outcome = await executor.execute(await taskOf("dag-result-ok.json"), never);
    expect(outcome.kind).toBe("failure");
    expect(await readdir(directory)).toEqual([]);
  });

  test("an aborted unit ends at once; abandoned, the Task leaves nothing behind", async () => {
    const controller = new AbortController();
    const prepared = ready(await executor.prepare(await pausing(60), never));
    const [setup, first] = prepared.units;
    await prepared.executeUnit(setup?.key ?? "", anywhere, never);
    const running = prepared.executeUnit(first?.key ?? "", anywhere, controller.signal);
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await prepared.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  test("a unit that takes longer than it may is a failure that says so", async () => {
    const outcome = await executor.execute(await pausing(60, { limits: { memory: null, seconds: 2 } }), never);
    const summary = await summaryOf(outcome);
    expect(summary.failures.map(({ exception }) => exception?.[0])).toEqual(["TimeLimitExceeded"]);
  });
});

describe("taken up again", () => {
  /** A Task whose first unit is done, and whose service has ended then. */
  async function interrupted(task: ExecutorTask) {
    const prepared = ready(await executor.prepare(task, never));
    const first = prepared.units[0]?.key ?? "";
    await prepared.executeUnit(first, anywhere, never);
    await prepared.abandon({ resumable: true });
    return { dagKey: prepared.dagKey, first };
  }

  test("the same ProtocolDAG goes on, with the units that are done", async () => {
    const task = await taskOf("transformation.json");
    const { dagKey, first } = await interrupted(task);
    const again = ready(await executor.prepare(task, never));
    expect(again.dagKey).toBe(dagKey);
    expect([...again.finished.keys()]).toEqual([first]);
    for (const { key } of again.units) if (!again.finished.has(key)) await again.executeUnit(key, anywhere, never);
    expect((await summaryOf(await again.assemble(never))).ok).toBe(true);
    expect(await readdir(directory)).toEqual([]);
  });

  test("a Task that was executed in one go goes on with the units that were done", async () => {
    const controller = new AbortController();
    const running = executor.execute(await pausing(60), controller.signal);
    await vi.waitFor(async () => {
      const [name = ""] = await readdir(directory);
      expect(readJournal(join(directory, name, "attempts.jsonl")).attempts).toHaveLength(1);
    });
    const reason = Object.assign(new Error("stop"), { resumable: true });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    const again = ready(await executor.prepare(await pausing(60), never));
    expect([...again.finished.keys()]).toEqual([again.units[0]?.key]);
    await again.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  test("another Transformation under the Task's name begins anew", async () => {
    const { dagKey } = await interrupted(await taskOf("transformation.json"));
    const again = ready(await executor.prepare(await taskOf("transformation-failing.json"), never));
    expect(again.dagKey).not.toBe(dagKey);
    expect(again.finished.size).toBe(0);
    await again.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  test("files that are damaged are no reason not to run the Task", async () => {
    const task = await taskOf("transformation.json");
    await interrupted(task);
    const [name = ""] = await readdir(directory);
    await rm(join(directory, name, "attempts.jsonl"));
    expect((await summaryOf(await executor.execute(task, never))).ok).toBe(true);
  });

  test("what belongs to a process that is alive is left alone", async () => {
    const task = await taskOf("transformation.json");
    const one = ready(await executor.prepare(task, never));
    const other = ready(await executor.prepare(task, never));
    expect(other.dagKey).not.toBe(one.dagKey);
    expect(await readdir(directory)).toHaveLength(2);
    await one.abandon();
    await other.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  test("what nobody takes up is removed in the end", async () => {
    await interrupted(await taskOf("transformation.json"));
    const later = createNativeExecutor({ resumableSeconds: 0 });
    const other = await taskOf("transformation.json", { task: parseScopedKey("Task-2-o-c-p") });
    const prepared = ready(await later.prepare(other, never));
    expect(await readdir(directory)).toHaveLength(1);
    await prepared.abandon();
    await later.close();
  });
});
