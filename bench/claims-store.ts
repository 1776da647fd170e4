/**
 * How fast Tasks are claimed, in the process (no HTTP): `node bench/claims-store.ts [--large] [--url postgres://…]`.
 *
 * Prints the time of a claim for stores and hubs of several sizes, and the ratios that must not grow with them. The yardstick is one
 * durable update of one row in the same store (a heartbeat). A fresh store in a temporary directory unless an empty one is named.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ComputeServiceId, Scope, ScopedKey } from "@alchemiscale/contract";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { sampleNetwork } from "../packages/statestore/test/sample-network.ts";

const { values } = parseArgs({ options: { large: { type: "boolean" }, url: { type: "string" } } });
const directory = mkdtempSync(join(tmpdir(), "alchemiscale-bench-"));
const store = await openStateStore(values.url ?? `sqlite:${join(directory, "state.sqlite")}`, { connections: 32 });
const service = "bench-00000000000000000000000000000001" as ComputeServiceId;

try {
  console.log(store.description);
  await store.services.register(service, { managerName: null, sentManagerKey: true, identity: null });
  const update = await measure("durable update of one row", 1000, 1, () => store.services.heartbeat(service));

  const small = await hubOf(1_000, "hub1000");
  const at1000 = await measure("claim, hub of 1,000 equal Tasks", 500, 1, () => claim(small));
  const middle = await hubOf(10_000, "hub10000");
  const at10000 = await measure("claim, hub of 10,000 equal Tasks", 1000, 1, () => claim(middle));
  const big = await hubOf(100_000, "hub100000");
  const at100000 = await measure("claim, hub of 100,000 equal Tasks", 1000, 1, () => claim(big));
  const across = await measure("claim across hubs", 1000, 1, () => claimAcross());
  await measure("claim, 32 at a time", 4000, 32, () => claim(big));
  console.log(`updates / claims, hub of 10,000: ${ratio(at10000, update)}; claims across hubs: ${ratio(across, update)}`);
  console.log(`hub of 100,000 / hub of 1,000: ${ratio(at100000, at1000)}`);

  if (values.large === true) {
    await hubOf(900_000, "million", 20);
    const atMillion = await measure("claim, hub of 10,000, in a store of a million Tasks", 1000, 1, () => claim(middle));
    const acrossMillion = await measure("claim across hubs, in a store of a million Tasks", 1000, 1, () => claimAcross());
    console.log(`a million Tasks / ten thousand: ${ratio(atMillion, at10000)}; across hubs: ${ratio(acrossMillion, across)}`);
  }
  console.log(`resident: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
} finally {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
}

/** A hub with so many Tasks of one priority and weight; created in parts. */
async function hubOf(count: number, project: string, parts = 1): Promise<ScopedKey> {
  const started = performance.now();
  const submission = sampleNetwork({ scope: `bench-c-${project}`, transformations: 100 });
  const { network, hub } = await store.networks.submit(submission, {});
  const transformations = await store.networks.transformationsOf(network);
  for (let part = 0; part < parts; part++) {
    const wanted = Array.from({ length: count / parts }, (_, i) => transformations[i % transformations.length]);
    const tasks = await store.tasks.create(wanted.filter(isDefined), null, null, {});
    await store.hubs.action(network, tasks, null, {});
  }
  console.log(`  (${count} Tasks created and actioned in ${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return hub;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

async function claim(hub: ScopedKey): Promise<void> {
  await expectTask(store.claims.claimFromHub(hub, { service, count: 1, protocols: null }));
}

async function claimAcross(): Promise<void> {
  const request: Parameters<StateStore["claims"]["claim"]>[0] = {
    service,
    count: 1,
    protocols: null,
    scopes: ["bench-*-*" as Scope],
    exclude: [],
    forgiveBefore: 0,
    maxFailures: 3,
    sentScopesExclude: true,
  };
  await expectTask(store.claims.claim(request).then(({ tasks }) => tasks));
}

async function expectTask(claimed: Promise<readonly (ScopedKey | null)[]>): Promise<void> {
  const [task] = await claimed;
  if (task === null || task === undefined) throw new Error("nothing was left to claim");
}

/** Milliseconds a call. */
async function measure(title: string, calls: number, concurrent: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  const started = performance.now();
  let left = calls;
  const loop = async () => {
    while (left-- > 0) {
      const before = performance.now();
      await call();
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, loop));
  const mean = (performance.now() - started) / calls;
  times.sort((a, b) => a - b);
  const at = (share: number) => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(2)} ms`;
  console.log(`${title}: ${Math.round(1000 / mean)} a second, median ${at(0.5)}, 99 % ${at(0.99)}`);
  return mean;
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}
