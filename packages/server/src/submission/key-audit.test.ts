import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { ScopedKey } from "@alchemiscale/contract";
import { packObjects } from "@alchemiscale/gufe";
import { pino } from "pino";
import { afterAll, expect, test, vi } from "vitest";
import { WorkerThreads } from "../worker-threads.ts";
import { KeyAudit } from "./key-audit.ts";

const workers = new WorkerThreads(1);
afterAll(() => workers.close());

test("a key that is not that of its content is logged, once there is a pause", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const log = new PassThrough();
    const text =
      '{"components": {}, "name": "", "__qualname__": "ChemicalSystem", "__module__": "gufe.chemicalsystem", ":version:": 1}';
    const wrong = `ChemicalSystem-${"0".repeat(32)}`;
    const audit = new KeyAudit(
      { packedChain: async () => packObjects([{ key: wrong, text }]) },
      workers,
      pino({ level: "warn" }, log),
    );
    audit.add("AlchemicalNetwork-ab-o-c-p" as ScopedKey);
    expect(log.readableLength).toBe(0);
    vi.advanceTimersByTime(3_000);
    await once(log, "readable");
    const line = JSON.parse(String(log.read())) as { mismatched: { key: string; computed: string }[] };
    expect(line.mismatched).toEqual([{ key: wrong, computed: expect.stringMatching(/^ChemicalSystem-[0-9a-f]{32}$/) }]);
  } finally {
    vi.useRealTimers();
  }
});
