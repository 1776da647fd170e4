/** Runs a suite on SQLite always, and on PostgreSQL where this machine has one. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComputeServiceId, Scope, ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { type Instant, openStateStore, type StateStore } from "../src/index.ts";
import { type SampleOptions, sampleNetwork } from "./sample-network.ts";

export interface StoreUnderTest {
  readonly engine: "SQLite" | "PostgreSQL";
  readonly store: StateStore;
  readonly url: string;
  /** Sets the store's clock, or lets it run again. */
  setClock(now: Instant | null): void;
  /** A place of the test's own: what it does touches no other test. */
  scope(): Scope;
  service(): Promise<ComputeServiceId>;
  /** A network in a place of its own, unless told. */
  network(options?: Partial<SampleOptions>): Promise<SubmittedNetwork>;
}

export interface SubmittedNetwork {
  readonly scope: Scope;
  readonly network: ScopedKey;
  readonly hub: ScopedKey;
  readonly mark: ScopedKey;
  readonly transformations: readonly ScopedKey[];
  readonly systems: readonly ScopedKey[];
}

export function onEveryEngine(
  title: string,
  suite: (under: StoreUnderTest) => void,
  options: { readonly sqlite?: boolean; readonly postgres?: boolean } = {},
): void {
  const engines = (["SQLite", "PostgreSQL"] as const).filter(
    (engine) => (engine === "SQLite" ? options.sqlite : options.postgres) !== false,
  );
  for (const engine of engines) {
    describe.skipIf(engine === "PostgreSQL" && database === undefined)(`${title} on ${engine}`, () => suite(prepare(engine)));
  }
}

const database = await createTestDatabase({
  name: "statestore",
  prepare: async (url) => (await openStateStore(url)).close(),
});

function prepare(engine: StoreUnderTest["engine"]): StoreUnderTest {
  let store: StateStore | undefined;
  let url = "";
  let directory = "";
  let now: Instant | null = null;
  let count = 0;

  beforeAll(async () => {
    if (engine === "SQLite") {
      directory = await mkdtemp(join(tmpdir(), "alchemiscale-statestore-"));
      url = `sqlite:${join(directory, "state.sqlite")}`;
    } else {
      url = database?.url ?? "";
    }
    store = await openStateStore(url, { clock: () => now ?? Date.now() * 1000 });
  });
  afterAll(async () => {
    // Whatever a suite has done, no rule of the store is broken by it.
    const findings = await store?.store.integrity().then((integrity) => integrity.findings);
    await store?.close();
    if (engine === "SQLite") await rm(directory, { recursive: true, force: true });
    else await database?.drop();
    expect(findings).toEqual([]);
  });

  const under: StoreUnderTest = {
    engine,
    get store() {
      if (store === undefined) throw new Error("the store is open within tests only");
      return store;
    },
    get url() {
      return url;
    },
    setClock: (instant) => {
      now = instant;
    },
    scope: () => {
      count += 1;
      return `o${count}-c-p` as Scope;
    },
    service: async () => {
      count += 1;
      const service = `service-${count.toString(16).padStart(32, "0")}` as ComputeServiceId;
      await under.store.services.register(service, { managerName: null, sentManagerKey: true, identity: "compute" });
      return service;
    },
    network: async (options = {}) => {
      const scope = (options.scope ?? under.scope()) as Scope;
      const submission = sampleNetwork({ ...options, scope });
      const { network, hub, mark } = await under.store.networks.submit(submission, { identity: "user" });
      const keyed = (key: string) => `${key}-${scope}` as ScopedKey;
      return {
        scope,
        network,
        hub,
        mark,
        transformations: submission.transformations.map(({ key }) => keyed(key)),
        systems: submission.systems.map(({ key }) => keyed(key)),
      };
    },
  };
  return under;
}

export const postgresAbsent = database === undefined;
