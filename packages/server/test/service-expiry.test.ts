/** Expiry of compute services by the timer of a real server on a real store. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseComputeServiceId } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createServer } from "../src/index.ts";

const silent = parseComputeServiceId("silent-00000000000000000000000000000001");
const second = 1_000_000;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-expiry-"));
});
afterAll(() => rm(directory, { recursive: true }));

test("a service that could not beat while the server was away has a whole period to do so, and ends after it", async () => {
  const state = `sqlite:${join(directory, "state.sqlite")}`;
  const before = await openStateStore(state, { clock: () => Date.now() * 1000 - 3600 * second });
  await before.services.register(silent, { managerName: null, sentManagerKey: true, identity: null });
  await before.close();

  const stateStore = await openStateStore(state);
  const objectStore = await openObjectStore(`file:${join(directory, "objects")}`);
  const server = createServer({
    stateStore,
    objectStore,
    jwtSecret: "a secret of the test of expiry",
    logger: pino({ enabled: false }),
    limits: { registrationExpireSeconds: 2 },
    bindings: { compute: { host: "127.0.0.1", port: 0 } },
  });
  const expire = vi.spyOn(stateStore.services, "expire");
  const started = Date.now();
  await server.listen();
  expect(await stateStore.services.get(silent)).not.toBeNull();

  await vi.waitFor(async () => expect(await stateStore.services.get(silent)).toBeNull(), { timeout: 20_000, interval: 50 });
  expect(Date.now() - started).toBeGreaterThanOrEqual(2000);
  expect(expire.mock.calls.every(([before]) => before >= started * 1000)).toBe(true);
  await server.close();
  await stateStore.close();
  await objectStore.close();
});
