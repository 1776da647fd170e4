/** Real processes with the native executor, against a stub of the API. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boxSettings } from "../../test/box-settings.ts";
import { StubComputeApi } from "../../test/stub-compute-api.ts";

const program = fileURLToPath(new URL("../../test/service-process.ts", import.meta.url));
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-process-test-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Running {
  readonly process: ChildProcess;
  /** Exit code, signal and log. */
  readonly end: Promise<{ code: number | null; log: string }>;
}

async function start(api: StubComputeApi, more: Record<string, unknown> = {}, hardLimit = 30): Promise<Running> {
  const settings = {
    ...boxSettings(await api.listen(), directory),
    sleep_interval: 1000,
    client_max_retries: 0,
    loglevel: "INFO",
    ...more,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(settings), String(hardLimit)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  return { process: child, end: once(child, "close").then(([code]) => ({ code, log })) };
}

/** A Task of the native protocol that is busy for a long time: computing, not waiting. */
function busy(transformation: string): string {
  return transformation.replace('"n_switches": 6', '"n_switches": 10000000');
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s in the middle of a Task: nothing is sent, the service leaves, exit code 0",
  async (signal) => {
    await using api = new StubComputeApi();
    api.transformation = busy(api.transformation);
    api.claims = [["Task-1-o-c-p"]];
    const service = await start(api);
    await api.until("transformation");
    service.process.kill(signal);
    service.process.kill(signal);
    const { code, log } = await service.end;
    expect(log).toContain(`stopping: ${signal}`);
    expect(code).toBe(0);
    expect(api.of("result")).toHaveLength(0);
    expect(api.of("failure")).toHaveLength(0);
    expect(api.of("deregister")).toHaveLength(1);
  },
);

test("heartbeats go on while the executor is busy", async () => {
  await using api = new StubComputeApi();
  api.transformation = busy(api.transformation);
  api.claims = [["Task-1-o-c-p"]];
  const service = await start(api, { heartbeat_interval: 0.05 });
  await api.until("transformation");
  await api.until("heartbeat", api.of("heartbeat").length + 10);
  expect(api.of("result")).toHaveLength(0);
  service.process.kill("SIGTERM");
  expect((await service.end).code).toBe(0);
});

test("a sleeping service wakes to stop", async () => {
  await using api = new StubComputeApi();
  const service = await start(api);
  await api.until("claim");
  service.process.kill("SIGTERM");
  expect((await service.end).code).toBe(0);
});

test("a server that never answers the goodbye is not waited for beyond the hard limit", async () => {
  await using api = new StubComputeApi();
  api.answer = ({ route }) => (route === "deregister" ? new Promise<never>(() => {}) : undefined);
  const service = await start(api, {}, 0.3);
  await api.until("claim");
  service.process.kill("SIGTERM");
  const { code, log } = await service.end;
  expect(code).toBe(1);
  expect(log).toContain("[CRITICAL] not stopped within 0.3 s");
});

test("an error that ends the service is in the log without a stack, and the exit code is 1", async () => {
  await using api = new StubComputeApi();
  api.answer = ({ route }) => (route === "token" ? { status: 401, json: { detail: "Incorrect identity or key" } } : undefined);
  const { code, log } = await (await start(api)).end;
  expect(code).toBe(1);
  expect(log).toMatch(/\[CRITICAL\] POST \/token: status 401: Incorrect identity or key \(identifier "worker"/);
  expect(log).not.toContain("    at ");
});
