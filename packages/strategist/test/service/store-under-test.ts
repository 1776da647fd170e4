/** A state store with networks and strategies in it, on each engine. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { networkIndex, sliceKeyedChain } from "@alchemiscale/gufe";
import { openStateStore, type StateStore, type StrategySubmission } from "@alchemiscale/statestore";
import { afterAll, beforeAll, describe } from "vitest";
import { freshStrategyState } from "../../../../scripts/stored-networks/fresh-strategy-state.ts";
import { storeNetwork } from "../../../../scripts/stored-networks/store-network.ts";
import { createTestDatabase } from "../../../../scripts/test-services/test-database.ts";
import { goldenChain } from "../golden.ts";

export const user = { identity: "user" };

export const connectivity = (settings: object = {}): string =>
  strategyText("stratocaster.strategies.connectivity", "ConnectivityStrategy", {
    decay_rate: 0.5,
    cutoff: null,
    max_runs: 3,
    ...settings,
  });

export function strategyText(module: string, name: string, settings: object): string {
  const key = `${name}-${createHash("md5").update(JSON.stringify(settings)).digest("hex")}`;
  const fields = { __class__: `${name}Settings`, __module__: module, ":is_custom:": true, ...settings };
  return JSON.stringify([[key, { settings: fields, __qualname__: name, __module__: module, ":version:": 1 }]]);
}

/** To be executed as often as may be. */
export const freshState: StrategySubmission["state"] = { ...freshStrategyState, sleepInterval: 1 };

export interface Place {
  readonly scope: Scope;
  readonly network: ScopedKey;
  readonly transformations: readonly ScopedKey[];
}

export interface StoreUnderTest {
  readonly store: StateStore;
  readonly url: string;
  /** One of the golden networks, in a place of its own. */
  network(name: string): Promise<Place>;
  setStrategy(place: Place, chain: string, state?: Partial<StrategySubmission["state"]>): Promise<void>;
  /** A result of a Task, which is complete then. */
  finish(task: ScopedKey): Promise<void>;
}

const database = await createTestDatabase({
  name: "statestore",
  prepare: async (url) => (await openStateStore(url)).close(),
});

export function onEveryEngine(title: string, suite: (under: StoreUnderTest) => void): void {
  for (const engine of ["SQLite", "PostgreSQL"] as const) {
    describe.skipIf(engine === "PostgreSQL" && database === undefined)(`${title} on ${engine}`, () => suite(prepare(engine)));
  }
}

function prepare(engine: "SQLite" | "PostgreSQL"): StoreUnderTest {
  let store: StateStore | undefined;
  let url = "";
  let directory = "";
  let count = 0;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-strategist-"));
    url = engine === "SQLite" ? `sqlite:${join(directory, "state.sqlite")}` : (database?.url ?? "");
    store = await openStateStore(url);
  });
  afterAll(async () => {
    await store?.close();
    if (engine === "PostgreSQL") await database?.drop();
    await rm(directory, { recursive: true, force: true });
  });
  const under: StoreUnderTest = {
    get store() {
      if (store === undefined) throw new Error("the store is open within tests only");
      return store;
    },
    get url() {
      return url;
    },
    network: async (name) => {
      count += 1;
      const scope = `${engine.toLowerCase()}-c-p${count}` as Scope;
      const chain = goldenChain(name);
      const { network } = await storeNetwork(under.store, chain, scope, { actor: user });
      const { edges } = networkIndex(chain);
      return { scope, network, transformations: edges.map(({ key }) => `${key}-${scope}` as ScopedKey) };
    },
    setStrategy: async ({ network }, text, state = {}) => {
      const { entries, root } = sliceKeyedChain(text);
      await under.store.strategies.set(network, { entries, key: root.key, state: { ...freshState, ...state } }, user);
    },
    finish: async (task) => {
      await under.store.tasks.setStatuses([task], "running", user);
      count += 1;
      await under.store.results.report({
        task,
        service: "service",
        resultKey: `ProtocolDAGResult-${String(count).padStart(32, "0")}`,
        ok: true,
        location: "protocoldagresult/a/b",
        created: new Date().toISOString(),
        failures: [],
        actor: {},
      });
    },
  };
  return under;
}
