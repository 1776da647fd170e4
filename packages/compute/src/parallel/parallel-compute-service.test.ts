/** The service against a stub of the API, with units that end when they are told to. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { boxSettings } from "../../test/box-settings.ts";
import { ScriptedExecutor } from "../../test/scripted-executor.ts";
import { StubComputeApi } from "../../test/stub-compute-api.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { EnvironmentFailing } from "../service/service-core.ts";
import { parseParallelServiceSettings } from "../settings/parallel-service-settings.ts";
import { ParallelComputeService } from "./parallel-compute-service.ts";

let directory: string;
let lines: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-parallel-test-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(() => {
  lines = [];
});

/** Machines that are busy with other things take their time. */
const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

const tasks = (count: number) => Array.from({ length: count }, (_, i) => `Task-${i + 1}-o-c-p`);

async function started(api: StubComputeApi, executor: ScriptedExecutor, more: Record<string, unknown> = {}) {
  const values = {
    ...boxSettings(await api.listen(), directory),
    sleep_interval: 0.01,
    client_max_retries: 1,
    client_retry_base_seconds: 1.001,
    client_retry_max_seconds: 0,
    loglevel: "DEBUG",
    cores: 2,
    memory: "1 GiB",
    gpus: [],
    adapt_cores: false,
    ...more,
  };
  const { settings } = parseParallelServiceSettings(JSON.stringify(values));
  const service = new ParallelComputeService(settings, executor, { write: (line) => lines.push(line) });
  return { service, run: service.run() };
}

describe("a service on two cores", () => {
  test("runs two units at once, of one Task and of several, and sends every result", async () => {
    await using api = new StubComputeApi();
    api.claims = [tasks(3), tasks(6).slice(3)];
    const executor = new ScriptedExecutor();
    const { service, run } = await started(api, executor, { max_tasks: 6 });
    await run;
    expect(service.executed).toBe(6);
    expect(executor.mostAtOnce).toBe(2);
    expect(executor.started).toHaveLength(24);
    expect(
      api
        .of("result")
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual(tasks(6));
    expect(api.of("deregister")).toHaveLength(1);
  });

  test("claims one Task ahead and no more", async () => {
    await using api = new StubComputeApi();
    api.claims = tasks(9).map((task) => [task]);
    const executor = new ScriptedExecutor({ onStart: () => {} });
    const { service, run } = await started(api, executor);
    await until(() => expect(executor.started).toEqual(["Task-1-o-c-p setup", "Task-2-o-c-p setup"]));
    await api.until("transformation", 3);
    expect(api.of("claim").length - api.claims.length).toBeLessThanOrEqual(3);
    expect(api.of("transformation")).toHaveLength(3);
    service.stop("test");
    await run;
    expect(executor.abandoned.sort().slice(0, 2)).toEqual(tasks(2));
    expect(api.of("result")).toHaveLength(0);
    expect(api.of("deregister")).toHaveLength(1);
  });

  test("a unit that fails ends the other one of its Task, and the failed result is sent", async () => {
    await using api = new StubComputeApi();
    api.claims = [tasks(1)];
    const executor = new ScriptedExecutor({
      onStart: (unit) => {
        if (unit.unit === "setup") setImmediate(() => unit.end());
        if (unit.unit === "reverse") setImmediate(() => unit.end("ValueError: no"));
      },
    });
    const { run } = await started(api, executor, { max_tasks: 1 });
    await run;
    expect(executor.running.size).toBe(0);
    expect(executor.started).not.toContain("Task-1-o-c-p analysis");
    expect(api.of("result")).toHaveLength(1);
    expect(lines.join("")).toContain("Task-1-o-c-p failed");
  });

  test("a Task without a ProtocolDAG is reported, and the others go on", async () => {
    await using api = new StubComputeApi();
    api.claims = [tasks(2)];
    const executor = new ScriptedExecutor({
      onPrepare: (task) =>
        task.startsWith("Task-1") ? { kind: "failure", exception: "KeyError: x", traceback: "…" } : undefined,
    });
    const { run } = await started(api, executor, { max_tasks: 2 });
    await run;
    expect(api.of("failure").map(({ subject }) => subject)).toEqual(["Task-1-o-c-p"]);
    expect(api.of("result").map(({ subject }) => subject)).toEqual(["Task-2-o-c-p"]);
  });

  test("an executor that cannot work at all ends it, and nothing is blamed on the Task", async () => {
    await using api = new StubComputeApi();
    api.claims = [tasks(1)];
    const executor = new ScriptedExecutor({
      onPrepare: () => {
        throw new ExecutorUnavailable("no interpreter");
      },
    });
    const { run } = await started(api, executor);
    await expect(run).rejects.toThrow("no interpreter");
    expect(api.of("failure")).toHaveLength(0);
    expect(api.of("deregister")).toHaveLength(1);
  });

  test("Tasks that fail at once for the host's reason end it, and it says why", async () => {
    await using api = new StubComputeApi();
    api.claims = tasks(20).map((task) => [task]);
    const executor = new ScriptedExecutor({
      onStart: (unit) => setImmediate(() => unit.end("ModuleNotFoundError: No module named 'openmm'")),
    });
    const { run } = await started(api, executor, { stop_after_failures: 3 });
    const error = await run.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EnvironmentFailing);
    expect(String(error)).toMatch(/3 Tasks failed here at once.*No module named 'openmm'/);
    expect(api.of("deregister")).toHaveLength(1);
    expect(api.of("claim").length).toBeLessThan(12);
  });

  test("time that is up leaves what has not begun to others and ends what has", async () => {
    await using api = new StubComputeApi();
    api.claims = [tasks(3)];
    const executor = new ScriptedExecutor({ onStart: () => {}, units: [{ key: "only", dependencies: [] }] });
    const { run } = await started(api, executor, { max_time: 0.3 });
    await until(() => expect(lines.join("")).toContain("gave up Task-3-o-c-p: the time of this service is up"));
    for (const unit of [...executor.running.values()]) unit.end();
    await run;
    expect(api.of("result").map(({ subject }) => subject)).toEqual(tasks(2));
  });

  test("when the reply to a claim is lost on a Python server, it ends what runs and registers anew", async () => {
    await using api = new StubComputeApi();
    api.claims = [tasks(1)];
    let claims = 0;
    api.answer = ({ route }) => (route === "claim" && ++claims === 2 ? "drop" : undefined);
    const executor = new ScriptedExecutor({ onStart: () => {}, units: [{ key: "only", dependencies: [] }] });
    const { service, run } = await started(api, executor);
    await api.until("claim", 2);
    await until(() => expect(executor.running.size).toBe(1));
    expect(api.of("register")).toHaveLength(1);
    for (const unit of [...executor.running.values()]) unit.end();
    await api.until("register", 2);
    expect(api.of("result")).toHaveLength(1);
    service.stop("test");
    await run;
  });
});

describe("a service with GPUs", () => {
  const units = [
    { key: "setup", dependencies: [], hints: { gpu: false, cores: 1, memory: null } },
    { key: "simulate", dependencies: ["setup"], hints: { gpu: true, cores: 1, memory: null } },
    { key: "analyse", dependencies: ["simulate"], hints: { gpu: false, cores: 1, memory: null } },
  ];

  test("sets the next Task up while GPUs simulate, each unit on its own one, and others see none", async () => {
    await using api = new StubComputeApi();
    api.claims = tasks(9).map((task) => [task]);
    const executor = new ScriptedExecutor({
      units,
      onStart: (unit) => {
        if (unit.unit !== "simulate") setImmediate(() => unit.end());
      },
    });
    const { service, run } = await started(api, executor, { cores: 8, gpus: [2, 3], units_per_gpu: 1 });
    await until(() => expect(executor.started).toContain("Task-3-o-c-p setup"));
    const devices = () => [...executor.running.values()].map(({ place }) => place.variables.CUDA_VISIBLE_DEVICES);
    await until(() => expect(devices().sort()).toEqual(["2", "3"]));
    executor.running.get("Task-1-o-c-p simulate")?.end();
    await until(() => expect([...executor.running.keys()]).toContain("Task-3-o-c-p simulate"));
    expect(devices().sort()).toEqual(["2", "3"]);
    // Beyond those that simulate, one is set up.
    await until(() => expect(executor.started).toContain("Task-4-o-c-p setup"));
    expect(executor.started).not.toContain("Task-5-o-c-p setup");
    service.stop("test");
    await run;
  });
});
