import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { PassThrough } from "node:stream";
import type { ScopedKey } from "@alchemiscale/contract";
import { packObjects } from "@alchemiscale/gufe";
import { pino } from "pino";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { WorkerThreads } from "../worker-threads.ts";
import { KeyAudit } from "./key-audit.ts";

/** How busy the event loop is, as a share of the time. */
let utilization = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(performance, "eventLoopUtilization").mockImplementation(() => ({ idle: 0, active: 0, utilization }));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const workers = new WorkerThreads(1);
afterAll(() => workers.close());

const text =
  '{"components": {}, "name": "", "__qualname__": "ChemicalSystem", "__module__": "gufe.chemicalsystem", ":version:": 1}';
const wrong = `ChemicalSystem-${"0".repeat(32)}`;
const objects = { packedChain: async () => packObjects([{ key: wrong, text }]) };
const network = "AlchemicalNetwork-ab-o-c-p" as ScopedKey;

test("a key that is not that of its content is logged, once there is a pause", async () => {
  utilization = 0.1;
  const log = new PassThrough();
  const audit = new KeyAudit(objects, workers, pino({ level: "warn" }, log));
  audit.add(network);
  expect(log.readableLength).toBe(0);
  vi.advanceTimersByTime(3_000);
  await once(log, "readable");
  const line = JSON.parse(String(log.read())) as { mismatched: { key: string; computed: string }[] };
  expect(line.mismatched).toEqual([{ key: wrong, computed: expect.stringMatching(/^ChemicalSystem-[0-9a-f]{32}$/) }]);
});

test("a server that has much to do puts it off, and not for ever", async () => {
  utilization = 0.9;
  const log = new PassThrough();
  const audit = new KeyAudit(objects, workers, pino({ level: "warn" }, log));
  const read = vi.spyOn(objects, "packedChain");
  audit.add(network);
  vi.advanceTimersByTime(30_000);
  expect(read).not.toHaveBeenCalled();
  vi.advanceTimersByTime(300_000);
  await once(log, "readable");
  expect(read).toHaveBeenCalledTimes(1);
});
