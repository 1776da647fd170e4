/** Managers against a real server, with services that are processes of a few lines. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AlchemiscaleClient, type ApiFetch } from "@alchemiscale/client";
import { nodeFetch } from "@alchemiscale/client/node";
import { parseScope, type Scope, type ScopedKey } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { createServer, hashKey, type Server } from "@alchemiscale/server";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  ComputeManager,
  LocalPlatform,
  type ManagerSettings,
  NameTaken,
  parseManagerSettings,
  runOnce,
  type ServiceFacts,
  ServicesFailing,
} from "../src/index.ts";

let directory: string;
let store: StateStore;
let server: Server;
let user: AlchemiscaleClient;
let facts: ServiceFacts;
let network: ScopedKey;
let edge: ScopedKey;
let name: string;
let lines: string[];
let tests = 0;
const scope: Scope = parseScope("org-campaign-project");
const close: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-managers-test-"));
  store = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
  const objects = await openObjectStore(`file:${join(directory, "objects")}`);
  for (const [type, identifier] of [
    ["user", "alice"],
    ["compute", "worker"],
  ] as const) {
    await store.identities.put(type, identifier, await hashKey("a key"));
    await store.identities.addScopes(type, identifier, [parseScope("*-*-*")]);
  }
  server = createServer({
    stateStore: store,
    objectStore: objects,
    jwtSecret: randomBytes(32).toString("hex"),
    logger: pino({ level: "silent" }),
    bindings: { user: { host: "127.0.0.1", port: 0 }, compute: { host: "127.0.0.1", port: 0 } },
  });
  await server.listen();
  close.push(
    () => server.close(),
    () => store.close(),
    () => objects.close(),
    () => rm(directory, { recursive: true, force: true }),
  );
  const connection = { fetch: nodeFetch() };
  user = new AlchemiscaleClient({ url: server.userAddress ?? "", identifier: "alice", key: "a key", ...connection });
  facts = {
    url: server.computeAddress ?? "",
    identifier: "worker",
    key: "a key",
    scopes: [scope],
    protocols: null,
    claimLimit: 1,
  };
  const chain = readFileSync(new URL("../../../examples/harmonic-network.json", import.meta.url), "utf8");
  network = await user.createNetwork(chain, scope);
  edge = (await user.getNetworkTransformations(network))[0] as ScopedKey;
});
afterAll(async () => {
  for (const end of close) await end();
});
beforeEach(() => {
  tests += 1;
  name = `m${tests}`;
  lines = [];
});

const log = {
  info: (text: string) => void lines.push(text),
  warn: (text: string) => void lines.push(text),
  error: (text: string) => void lines.push(text),
};

function settings(more: Record<string, unknown> = {}): ManagerSettings {
  return parseManagerSettings(
    JSON.stringify({
      name,
      max_compute_services: 3,
      max_submit_per_cycle: 2,
      sleep_interval: 0.05,
      client_retry_base_seconds: 1.001,
      client_retry_max_seconds: 0.01,
      ...more,
    }),
  ).settings;
}

/** Lives until it is told to end. */
const idle = (): [string, ...string[]] => [process.execPath, "-e", "setInterval(() => {}, 1000)"];
const failing = (): [string, ...string[]] => [process.execPath, "-e", "console.error('no'); process.exit(3)"];

function platform(command: () => [string, ...string[]] = idle, more: { maxFailed?: number; keep?: boolean } = {}): LocalPlatform {
  return new LocalPlatform({ command, logs: null, maxFailed: more.maxFailed ?? 3, keep: more.keep ?? false });
}

async function offer(count: number): Promise<ScopedKey[]> {
  const tasks = await user.createTasks(edge, { count });
  const keys = tasks.filter((task): task is ScopedKey => task !== null);
  await user.actionTasks(network, keys);
  return keys;
}

const registered = async () => (await store.managers.list()).find((each) => each.manager.startsWith(`${name}-`));

/** Machines that are busy with other things take their time. */
const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("starts services while Tasks wait, never more than it may, reports how full it is, and ends them with itself", async () => {
  const tasks = await offer(5);
  const local = platform();
  const manager = new ComputeManager(settings(), facts, local, { log });
  const run = manager.run();
  await until(() => expect(local.services).toHaveLength(3));
  const pids = local.services.map(({ pid }) => pid);
  expect(local.services.every((service) => new RegExp(`^${name}\\.[0-9a-f]{32}$`).test(service.name))).toBe(true);
  await until(async () => expect(await registered()).toMatchObject({ status: "OK", saturation: 1 }));
  expect(pids.every(alive)).toBe(true);
  manager.stop("test");
  await run;
  await until(() => expect(pids.some(alive)).toBe(false));
  expect(await registered()).toBeUndefined();
  await store.tasks.setStatuses(tasks, "deleted", {});
});

test("starts nothing where nothing waits, and ends after its cycles", async () => {
  const local = platform();
  const manager = new ComputeManager(settings(), facts, local, { log, maxCycles: 2 });
  await manager.run();
  expect(local.services).toEqual([]);
  expect(lines.filter((line) => line.startsWith("0 Tasks wait"))).toHaveLength(2);
});

test("its name is its own unless it is stolen; the one that was robbed ends", async () => {
  const first = new ComputeManager(settings(), facts, platform(), { log });
  const run = first.run();
  await until(async () => expect(await registered()).toBeDefined());
  const second = new ComputeManager(settings(), facts, platform(), { log });
  await expect(second.run()).rejects.toThrow(NameTaken);
  const thief = new ComputeManager(settings(), facts, platform(), { log, steal: true });
  const theft = thief.run();
  await run;
  expect(lines.join("\n")).toContain("told to shut down");
  expect((await registered())?.manager).toBe(thief.id);
  thief.stop("test");
  await theft;
});

test("at a server of 0.7.0 or 0.7.1, which is asked in the form that it knows, it has a dashed id", async () => {
  const asked: string[] = [];
  const ofThose: ApiFetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    asked.push(path);
    const id = /^\/computemanager\/([^/]+)\/register$/.exec(path)?.[1];
    const detail = "ComputeManagerID must have the form `{name}-{uuid}` with a field-separated hex";
    if (id !== undefined && id.split("-").length !== 6) return Response.json({ detail }, { status: 422 });
    return nodeFetch()(input, init);
  };
  const manager = new ComputeManager(settings(), facts, platform(), { log, maxCycles: 1, fetch: ofThose });
  await manager.run();
  expect(manager.id).toMatch(new RegExp(`^${name}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`));
  expect(asked.filter((path) => path.endsWith("/register"))).toHaveLength(2);
  expect(asked.at(-1)).toBe(`/computemanager/${manager.id}/deregister`);
});

test("services that end in error, one after another, put it into error, which keeps the name until it is cleared", async () => {
  const tasks = await offer(5);
  const manager = new ComputeManager(settings(), facts, platform(failing), { log });
  await expect(manager.run()).rejects.toThrow(ServicesFailing);
  expect(await registered()).toMatchObject({ status: "ERROR", detail: expect.stringContaining("exit code 3") });
  const next = new ComputeManager(settings(), facts, platform(), { log, steal: true });
  const refused = await next.run().catch((error: unknown) => error);
  expect(refused).toMatchObject({ name: "NameTaken", inError: true });
  await next.clearError();
  expect(await registered()).toBeUndefined();
  await store.tasks.setStatuses(tasks, "deleted", {});
});

test("one cycle at a time: what runs is found again, and nothing is deregistered in between", async () => {
  const tasks = await offer(5);
  const stateFile = join(directory, `${name}.json`);
  const once = () =>
    runOnce(settings(), facts, { command: idle, logs: join(directory, "logs"), maxFailed: 3 }, { log, stateFile });
  await once();
  const state = async () => JSON.parse(await readFile(stateFile, "utf8"));
  const first = await state();
  expect(first.services).toHaveLength(2);
  expect((await registered())?.manager).toBe(first.id);
  await once();
  await once();
  const later = await state();
  expect(later.id).toBe(first.id);
  expect(later.services).toHaveLength(3);
  await store.managers.deregister(later.id, {});
  await once();
  expect((await state()).id).not.toBe(first.id);
  for (const { pid } of later.services) process.kill(pid, "SIGKILL");
  await store.tasks.setStatuses(tasks, "deleted", {});
});

test("settings say everything that is wrong with them", () => {
  expect(() => parseManagerSettings("name: a-b\nsleep_interval: x\nplatform: slurm")).toThrow(
    /name: must begin[\s\S]*max_compute_services: is required[\s\S]*sleep_interval: must be a number above 0[\s\S]*platform: must be local/,
  );
});

const interpreters = [
  process.env.ALCHEMISCALE_TEST_PYTHON,
  ...(process.env.ALCHEMISCALE_TEST_PYTHON_MORE ?? "").split(delimiter),
].filter((path) => path !== undefined && path !== "") as string[];
if (interpreters.length === 0) console.log("skipped: managers of the Python package (ALCHEMISCALE_TEST_PYTHON names none)");

test.each(interpreters)(
  "a manager of the Python package (%s) is instructed, and reports how it is",
  { timeout: 120_000 },
  async (python) => {
    const tasks = await offer(3);
    const program = fileURLToPath(new URL("./python-manager.py", import.meta.url));
    const run = async (fails: boolean) => {
      const values = {
        fails,
        manager: { name, max_compute_services: 4, max_submit_per_cycle: 2, sleep_interval: 1, logfile: null },
        service: {
          api_url: facts.url,
          identifier: facts.identifier,
          key: facts.key,
          name: "svc",
          shared_basedir: directory,
          scratch_basedir: directory,
          scopes: ["org-campaign-project"],
        },
      };
      const { stdout } = await promisify(execFile)(python, [program, JSON.stringify(values)], {
        env: { ...process.env, HOME: directory },
      });
      return stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    };
    expect(await run(false)).toEqual([
      { num_tasks: 3, services: [] },
      { num_tasks: 3, services: [] },
    ]);
    expect(await registered()).toBeUndefined();
    expect(await run(true)).toContainEqual({ raised: "the queue is closed" });
    expect(await registered()).toMatchObject({ status: "ERROR", detail: expect.stringContaining("the queue is closed") });
    await new ComputeManager(settings(), facts, platform(), { log }).clearError();
    await store.tasks.setStatuses(tasks, "deleted", {});
  },
);
