/** Where patterns are searched for: outside of transactions and of the thread that calls, in bounded time, and with a word to whoever runs the store. */
import type { ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStateStore, type StateStore } from "../src/index.ts";
import { claimAll, create, failure, nth, user } from "./given.ts";
import { onEveryEngine } from "./on-every-engine.ts";

/** Takes time that doubles with each `a` of the text below, and is not found. */
const endless = "(?=a)(a+)+$";
const text = `${"a".repeat(60)}b`;

onEveryEngine("a search for a restart pattern", (under) => {
  const warnings: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[] = [];
  let store: StateStore;
  beforeAll(async () => {
    store = await openStateStore(under.url, { logger: { warn: (fields, message) => warnings.push({ fields, message }) } });
  });
  afterAll(() => store.close());

  const running = async (count: number) => {
    const submitted = await under.network({ transformations: 1 });
    const service = await under.service();
    await store.hubs.action(submitted.network, await create(store, nth(submitted.transformations, 0), count), null, user);
    return { ...submitted, service, tasks: await claimAll(store, submitted.hub, service, count) };
  };
  const failed = (task: ScopedKey, service: string, traceback: string) => store.results.report(failure(task, service, traceback));

  it("that takes too long counts as not found, is logged, and holds up neither this thread nor other operations", async () => {
    const { network, service, tasks } = await running(10);
    await store.restarts.add(network, [endless], 5, user);
    warnings.length = 0;
    let others = 0;
    let done = false;
    await Promise.all([
      Promise.all(tasks.map((task) => failed(task, service, text))).finally(() => {
        done = true;
      }),
      // Sent by this thread, written by the same writer, and on the same rows where there are rows to lock.
      (async () => {
        for (; !done; others++) await store.networks.setWeights([network], [(others % 10) / 10], user);
      })(),
    ]);
    // Ten searches of 100 ms: were anything held meanwhile, only a few would come through in between.
    expect(others).toBeGreaterThan(50);
    expect(await store.tasks.getStatuses(tasks)).toEqual(tasks.map(() => "error"));
    expect(await store.hubs.actionedTasks([network])).toEqual([new Map()]);
    expect(warnings).toHaveLength(10);
    expect(nth(warnings, 0)).toMatchObject({ fields: { pattern: endless, characters: 61, reason: "it takes too long" } });
  });

  it("that takes too long again and again in one call is not tried on the rest", async () => {
    const { network, service, tasks } = await running(40);
    for (const [i, task] of tasks.entries()) await failed(task, service, `${i} ${text}`);
    warnings.length = 0;
    const started = performance.now();
    await store.restarts.add(network, [endless], 5, user);
    expect(warnings).toHaveLength(10);
    expect(nth(warnings, -1).fields.rest).toBe(true);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await store.hubs.actionedTasks([network])).toEqual([new Map()]);
  });

  it("uses what stands when it is decided: patterns that come and go meanwhile are searched for as well", async () => {
    const { network, service, tasks } = await running(30);
    await store.restarts.add(network, ["boom", endless], 50, user);
    await Promise.all([
      ...tasks.map((task, i) => failed(task, service, i % 2 === 0 ? `boom ${i}` : `crash ${i}`)),
      store.restarts.add(network, ["(?<=c)rash"], 50, user),
      store.restarts.remove(network, [endless], user),
    ]);
    const statuses = await store.tasks.getStatuses(tasks);
    expect(statuses.filter((_, i) => i % 2 === 0)).toEqual(tasks.filter((_, i) => i % 2 === 0).map(() => "waiting"));
    // Those that failed before the pattern was there left the hub; the others wait. None is lost in between.
    const left = nth(await store.hubs.actionedTasks([network]), 0);
    for (const [i, task] of tasks.entries()) expect(left.has(task)).toBe(statuses[i] === "waiting");
  });
});
