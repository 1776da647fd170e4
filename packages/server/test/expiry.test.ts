/** Expiry of compute services and managers by real API processes that are started, stopped and killed. */
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type ComputeManagerId,
  type ComputeServiceId,
  parseComputeManagerId,
  parseComputeServiceId,
} from "@alchemiscale/contract";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-services/test-database.ts";
import { type ApiProcess, type ApiProcessOptions, startApiProcess } from "./api-processes.ts";

const period = 2000;
const limits = { registrationExpireSeconds: period / 1000, managerExpireSeconds: period / 1000, managerExpireErrorSeconds: 3600 };
const template = { name: "server_expiry", prepare: async (url: string) => (await openStateStore(url)).close() };
const postgresql = await createTestDatabase(template);
await postgresql?.drop();
const engines = postgresql === undefined ? (["SQLite"] as const) : (["SQLite", "PostgreSQL"] as const);

describe.each(engines)("API processes on %s", (engine) => {
  let directory: string;
  let database: TestDatabase | undefined;
  let state: string;
  let store: StateStore;
  const running: ApiProcess[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-expiry-"));
    database = engine === "PostgreSQL" ? await createTestDatabase(template) : undefined;
    state = database?.url ?? `sqlite:${join(directory, "state.sqlite")}`;
    store = await openStateStore(state);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((process) => process.kill()));
    await store.close();
    await database?.drop();
    await rm(directory, { recursive: true });
  });
  const start = async (options: Partial<ApiProcessOptions> = {}) => {
    const process = await startApiProcess({ state, objects: join(directory, "objects"), limits, ...options });
    running.push(process);
    return process;
  };
  const register = async () => {
    const service = parseComputeServiceId("silent-00000000000000000000000000000001");
    await store.services.register(service, { managerName: null, sentManagerKey: true, identity: null });
    return service;
  };
  const known = async (service: ComputeServiceId) => (await store.services.get(service)) !== null;
  const gone = async (service: ComputeServiceId) =>
    vi.waitFor(async () => expect(await known(service)).toBe(false), { timeout: 20_000, interval: 20 });
  const managerGone = async (manager: ComputeManagerId) =>
    vi.waitFor(async () => expect(await store.managers.get(manager)).toBeNull(), { timeout: 20_000, interval: 20 });
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const since = async () => ((await store.processes.liveness())?.since ?? Number.NaN) / 1000;

  /** When the store says that it expired, in milliseconds since 1970. */
  const expiredAt = async (name: string) => {
    const expired = (await store.events.since(0, 1_000_000)).findLast(({ kind, from }) => kind === "expire" && from === name);
    return (expired?.at ?? Number.NaN) / 1000;
  };

  test("are listed from start to stop; one that was killed is soon listed no more, and its duty is another's", async () => {
    const [first, second, third] = await Promise.all([start(), start({ kind: "compute" }), start({ kind: "user" })]);
    const here = async () => (await store.processes.list()).map(({ kind, host, pid }) => ({ kind, host, pid }));
    const listed = (...processes: [string, ApiProcess][]) => {
      const rows = processes.map(([kind, { pid }]) => ({ kind, host: hostname(), pid }));
      return expect.toSatisfy(
        (found: unknown[]) =>
          found.length === rows.length && rows.every((row) => found.some((one) => isDeepStrictEqual(one, row))),
      );
    };
    expect(await here()).toEqual(listed(["both", first], ["compute", second], ["user", third]));
    await third.stop();
    expect(await here()).toEqual(listed(["both", first], ["compute", second]));
    const service = await register();
    await first.kill();
    await vi.waitFor(async () => expect(await here()).toEqual(listed(["compute", second])), 10_000);
    await gone(service);
  });

  test("after a time in which none was up give everybody a whole period from the first start, however they ended", async () => {
    const manager = parseComputeManagerId("silent-00000000000000000000000000000002");
    const failed = parseComputeManagerId("failed-00000000000000000000000000000003");
    let last = await start();
    await store.managers.register(failed, { steal: false, identity: null });
    await store.managers.report(failed, { status: "ERROR", detail: "no quota" });
    for (const end of ["kill", "stop"] as const) {
      const service = await register();
      await store.managers.register(manager, { steal: true, identity: null });
      await last[end]();
      // Every one of them has been silent for too long when the next process comes.
      await sleep(period + 100);
      const before = Date.now();
      last = await start();
      const begun = await since();
      expect(begun).toBeGreaterThanOrEqual(before);
      await Promise.all([gone(service), managerGone(manager)]);
      expect(await since()).toBe(begun);
      for (const one of [service, manager]) {
        expect(await expiredAt(one)).toBeGreaterThanOrEqual(begun + period);
        expect(await expiredAt(one)).toBeLessThan(begun + 2 * period);
      }
    }
    expect(await store.managers.get(failed)).not.toBeNull();
  });

  test("that are restarted one after the other postpone nothing", async () => {
    const longer = { ...limits, registrationExpireSeconds: (2 * period) / 1000 };
    let [first, second] = await Promise.all([start({ limits: longer }), start({ limits: longer })]);
    const begun = await since();
    const service = await register();
    const heartbeat = ((await store.services.get(service))?.heartbeat ?? Number.NaN) / 1000;
    let over = false;
    const expired = gone(service).finally(() => {
      over = true;
    });
    for (let i = 0; !over; i++) {
      const next = await start({ limits: longer });
      await (i % 2 === 0 ? first.kill() : first.stop());
      [first, second] = [second, next];
    }
    await expired;
    expect(await since()).toBe(begun);
    expect(await expiredAt(service)).toBeGreaterThanOrEqual(heartbeat + 2 * period);
    expect(await expiredAt(service)).toBeLessThan(heartbeat + 4 * period);
  });
});
