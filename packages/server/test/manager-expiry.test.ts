/** Expiry of compute managers by the timer of a real server on a real store. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseComputeManagerId } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createServer } from "../src/index.ts";

const silent = parseComputeManagerId("silent-00000000000000000000000000000001");
const failed = parseComputeManagerId("failed-00000000000000000000000000000002");
const failedLongAgo = parseComputeManagerId("ancient-00000000000000000000000000000003");
const second = 1_000_000;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-manager-expiry-"));
});
afterAll(() => rm(directory, { recursive: true }));

test("a manager that could not report while the server was away has a whole period to do so; one in error is kept for longer", async () => {
  const stateStore = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
  const objectStore = await openObjectStore(`file:${join(directory, "objects")}`);
  const { managers } = stateStore;
  const now = Date.now() * 1000;
  for (const manager of [silent, failed, failedLongAgo]) await managers.register(manager, { steal: false, identity: null });
  await managers.report(silent, { status: "OK", saturation: 0 }, now - 3600 * second);
  await managers.report(failed, { status: "ERROR", detail: "no quota" }, now - 10 * second);
  await managers.report(failedLongAgo, { status: "ERROR", detail: "no quota" }, now - 3600 * second);
  const server = createServer({
    stateStore,
    objectStore,
    jwtSecret: "a secret of the test of expiry",
    logger: pino({ enabled: false }),
    limits: { managerExpireSeconds: 1, managerExpireErrorSeconds: 600 },
    bindings: { compute: { host: "127.0.0.1", port: 0 } },
  });
  const started = Date.now();
  await server.listen();
  expect(await managers.get(silent)).not.toBeNull();
  await vi.waitFor(async () => expect(await managers.get(silent)).toBeNull(), { timeout: 20_000, interval: 50 });
  expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
  expect(await managers.get(failedLongAgo)).toBeNull();
  expect(await managers.get(failed)).not.toBeNull();
  await server.close();
  await stateStore.close();
  await objectStore.close();
});
