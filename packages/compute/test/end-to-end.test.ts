/** Services with the native executor against the real server on embedded stores. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createNativeExecutor,
  createPythonExecutor,
  exactFreeEnergy,
  parseSynchronousServiceSettings,
  SynchronousComputeService,
  type TaskExecutor,
} from "../src/index.ts";
import { boxSettings } from "./box-settings.ts";
import { nativeEstimate } from "./native-estimate.ts";
import { networkOf } from "./network-of.ts";
import { type RealServer, realServer } from "./real-server.ts";

/** One server for all; each test has a scope of its own. */
let server: RealServer;
let scope: Scope;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  scope = server.freshScope();
});

const fixture = (name: string) => readFileSync(new URL(`./fixtures/native/${name}`, import.meta.url), "utf8");
const network = readFileSync(new URL("../../../examples/harmonic-network.json", import.meta.url), "utf8");

function service(more: Record<string, unknown> = {}, executor: TaskExecutor = createNativeExecutor()) {
  const values = {
    ...boxSettings(server.computeUrl, server.directory),
    scopes: [scope],
    sleep_interval: 0.05,
    claim_limit: 2,
    n_retries: 1,
    loglevel: "CRITICAL",
    ...more,
  };
  return new SynchronousComputeService(parseSynchronousServiceSettings(JSON.stringify(values)).settings, executor);
}

async function texts(transformation: ScopedKey, route: "results" | "failures" = "results"): Promise<string[]> {
  const references =
    route === "results"
      ? await server.user.getTransformationResults(transformation)
      : await server.user.getTransformationFailures(transformation);
  return Promise.all(
    references.map(async (reference) => {
      const bytes = await server.user.getResult(transformation, reference, { route });
      return new TextDecoder().decode(decompressZstd(bytes, { maxBytes: 1e8 }));
    }),
  );
}

/** Of the only failure of a Transformation. */
async function provenanceOf(transformation: ScopedKey): Promise<unknown> {
  const [ref] = await server.user.getTransformationFailures(transformation);
  return JSON.parse(await server.user.connection.text({ method: "GET", path: `/v1/results/${ref}/provenance` }));
}

test("two services compute a network, and its free energies are the exact ones within their errors", async () => {
  const key = await server.user.createNetwork(network, scope);
  const transformations = await server.user.getNetworkTransformations(key);
  const tasks = await server.user.createTransformationsTasks([...transformations, ...transformations]);
  await server.user.actionTasks(key, tasks);
  const services = [service({ max_tasks: 15 }), service({ max_tasks: 15 })];
  await Promise.all(services.map((each) => each.run()));
  expect(await server.user.getNetworkStatus(key)).toEqual({ complete: 30 });
  for (const transformation of transformations) {
    const estimate = nativeEstimate(await texts(transformation));
    const exact = exactFreeEnergy(await server.user.getTransformation(transformation));
    expect(Math.abs((estimate?.estimate ?? Number.NaN) - exact)).toBeLessThan(5 * (estimate?.uncertainty ?? 0));
  }
  expect(await server.stateStore.services.list()).toEqual([]);
});

test("a Task that extends another goes on from its result with other numbers", async () => {
  const key = await server.user.createNetwork(networkOf(fixture("transformation.json")), scope);
  const [transformation] = await server.user.getNetworkTransformations(key);
  if (transformation === undefined) throw new Error("no transformation");
  const [first] = await server.user.createTasks(transformation);
  const [second] = await server.user.createTasks(transformation, { extends: first ?? null });
  await server.user.actionTasks(
    key,
    [first, second].filter((task) => task !== undefined),
  );
  await service({ max_tasks: 2 }).run();
  const summaries = (await texts(transformation)).map(summarizeResult);
  expect(summaries.map(({ extendsKey }) => extendsKey).sort()).toEqual(
    [summaries.find(({ extendsKey }) => extendsKey === null)?.key, null].sort(),
  );
  expect(nativeEstimate(await texts(transformation))?.estimate).toBeCloseTo(-1.32383442027715, 9);
});

test("a unit that always fails ends its Task in error, with a traceback for each attempt", async () => {
  const key = await server.user.createNetwork(networkOf(fixture("transformation-failing.json")), scope);
  const [transformation] = await server.user.getNetworkTransformations(key);
  if (transformation === undefined) throw new Error("no transformation");
  const tasks = await server.user.createTasks(transformation);
  await server.user.actionTasks(key, tasks);
  await service({ max_tasks: 1 }).run();
  expect(await server.user.getTasksStatus(tasks)).toEqual(["error"]);
  const [failure] = (await texts(transformation, "failures")).map(summarizeResult);
  expect(failure?.failures).toHaveLength(2);
  expect(failure?.failures[0]?.traceback).toContain("failed on demand");
  expect(await provenanceOf(transformation)).toMatchObject({
    executor: { name: "native" },
    host: { name: hostname() },
    packages: { node: process.versions.node },
    units: expect.arrayContaining([
      expect.objectContaining({ name: "setup", attempt: 0, ok: true, cpu_seconds: expect.any(Number) }),
      expect.objectContaining({ attempt: 1, ok: false, exception: expect.stringContaining("InjectedFailure") }),
    ]),
  });
});

test("a Task whose ProtocolDAG cannot be made ends in error", async () => {
  const impossible = fixture("transformation.json").replace('"n_switches": 6', '"n_switches": 0');
  const key = await server.user.createNetwork(networkOf(impossible), scope);
  const tasks = await server.user.createTransformationsTasks(await server.user.getNetworkTransformations(key));
  await server.user.actionTasks(key, tasks);
  await service({ max_tasks: 1 }).run();
  expect(await server.user.getTasksStatus(tasks)).toEqual(["error"]);
});

test("Tasks of other Protocols are left to others", async () => {
  const foreign = fixture("transformation.json").replaceAll("HarmonicSwitchingProtocol", "SomebodysProtocol");
  const key = await server.user.createNetwork(networkOf(foreign), scope);
  const tasks = await server.user.createTransformationsTasks(await server.user.getNetworkTransformations(key));
  await server.user.actionTasks(key, tasks);
  await service({ max_time: 0.3 }).run();
  expect(await server.user.getTasksStatus(tasks)).toEqual(["waiting"]);
});

test("a stopped service gives its Tasks back", async () => {
  const long = fixture("transformation.json").replace('"n_switches": 6', '"n_switches": 10000000');
  const key = await server.user.createNetwork(networkOf(long), scope);
  const [transformation] = await server.user.getNetworkTransformations(key);
  if (transformation === undefined) throw new Error("no transformation");
  const tasks = await server.user.createTasks(transformation, { count: 2 });
  await server.user.actionTasks(key, tasks);
  const running = service();
  const run = running.run();
  while (!(await server.user.getTasksStatus(tasks)).includes("running")) await new Promise((resolve) => setTimeout(resolve, 20));
  running.stop("test");
  await run;
  expect(await server.user.getTasksStatus(tasks)).toEqual(["waiting", "waiting"]);
});

test("a restart of the server is ridden out", async () => {
  const key = await server.user.createNetwork(network, scope);
  const transformations = await server.user.getNetworkTransformations(key);
  const tasks = await server.user.createTransformationsTasks(transformations.slice(0, 6));
  await server.user.actionTasks(key, tasks);
  const patient = {
    client_max_retries: 0,
    client_retry_base_seconds: 1.01,
    client_retry_max_seconds: 0,
    heartbeat_interval: 0.1,
  };
  const running = service({ ...patient, claim_limit: 1 });
  const run = running.run();
  while (running.executed < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.restart(200);
  while (running.executed < tasks.length) await new Promise((resolve) => setTimeout(resolve, 20));
  running.stop("test");
  await run;
  expect(await server.user.getNetworkStatus(key)).toEqual({ complete: tasks.length });
});

const python = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";
if (python === "")
  console.log("skipped: a service with the Python executor (ALCHEMISCALE_TEST_PYTHON names no interpreter with gufe)");

test.skipIf(python === "")(
  "a service with the Python executor computes what the native one does, failures included (ALCHEMISCALE_TEST_PYTHON)",
  async () => {
    const tasks: ScopedKey[] = [];
    const transformations: ScopedKey[] = [];
    for (const name of ["transformation.json", "transformation-failing.json"]) {
      const key = await server.user.createNetwork(networkOf(fixture(name)), scope);
      const created = await server.user.createTransformationsTasks(await server.user.getNetworkTransformations(key));
      await server.user.actionTasks(key, created);
      tasks.push(...created);
      transformations.push(...(await server.user.getNetworkTransformations(key)));
    }
    const executor = await createPythonExecutor({ python });
    await service({ max_tasks: 2 }, executor).run();
    expect(await server.user.getTasksStatus(tasks)).toEqual(["complete", "error"]);
    expect(await provenanceOf(transformations[1] as ScopedKey)).toMatchObject({
      executor: { name: "python" },
      packages: { python: expect.any(String), gufe: expect.any(String) },
      units: expect.arrayContaining([expect.objectContaining({ ok: false, peak_memory_bytes: expect.any(Number) })]),
    });
  },
);
