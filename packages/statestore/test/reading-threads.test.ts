import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope } from "@alchemiscale/contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStateStore, type StateStore } from "../src/index.ts";

let directory: string;
let store: StateStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "alchemiscale-readers-"));
  store = await openStateStore(`sqlite:${join(directory, "store.db")}`, { readers: 3 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const read = () => store.networks.query({ scopes: ["*-*-*" as Scope] });

/** Of this process; Linux gives a thread's name. */
const readingThreads = (): number =>
  readdirSync("/proc/self/task").filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, "utf8").startsWith("statestore read");
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }).length;

describe.skipIf(process.platform !== "linux")("threads that read", () => {
  test("are not started for reads that others will soon have done with", async () => {
    await read();
    vi.spyOn(performance, "now").mockReturnValue(performance.now());
    await Promise.all(Array.from({ length: 50 }, read));
    expect(readingThreads()).toBe(1);
  });

  test("are started where a read takes long, and end when the store rests", async () => {
    await read();
    const now = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(now);
    const long = read();
    clock.mockReturnValue(now + 60_000);
    await Promise.all([long, read()]);
    expect(readingThreads()).toBe(2);
    store.rest();
    await vi.waitFor(() => expect(readingThreads()).toBe(1), { timeout: 30_000 });
    expect(await read()).toEqual([]);
  });
});
