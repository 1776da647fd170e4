/** Operations on the store as a whole: what administrators do. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ComputeServiceId, Scope } from "@alchemiscale/contract";
import { Client } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { backupStateStore, openStateStore, readSchema, type StateStore } from "../src/index.ts";
import { bringTo, claimAll, create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine, postgresAbsent, type StoreUnderTest } from "./on-every-engine.ts";
import { sampleNetwork } from "./sample-network.ts";

interface Opened {
  readonly engine: StoreUnderTest["engine"];
  readonly store: StateStore;
  readonly url: string;
}

/** A bit of everything: claims, results, failures, patterns, extensions, cancelled and completed Tasks. */
async function liveliness(store: StateStore, scope: Scope): Promise<void> {
  const { network, hub } = await store.networks.submit(sampleNetwork({ scope, transformations: 3 }), user);
  const transformations = await store.networks.transformationsOf(network);
  const tasks = await create(store, nth(transformations, 0), 10);
  const children = await create(store, nth(transformations, 0), 2, nth(tasks, 0));
  await store.restarts.add(network, ["out of memory"], 2, user);
  await store.hubs.action(network, [...tasks, ...children], 0.5, user);
  await store.tasks.setPriorities([nth(tasks, 1)], 3n, user);
  await store.hubs.action(network, [nth(tasks, 2)], 0, user);
  const service = `service-${randomUUID().replaceAll("-", "")}` as ComputeServiceId;
  await store.services.register(service, { managerName: null, sentManagerKey: true, identity: "compute" });
  const claimed = await claimAll(store, hub, service, 4);
  await store.results.report(report(nth(claimed, 0), service));
  await store.results.report(failure(nth(claimed, 1), service, "out of memory", { resultKey: "ProtocolDAGResult-2" }));
  await store.results.report(failure(nth(claimed, 2), service, "other", { resultKey: "ProtocolDAGResult-3" }));
  const [unclaimed, another] = tasks.filter((task) => !claimed.includes(task));
  if (unclaimed === undefined || another === undefined) throw new Error("four of ten are claimed");
  await bringTo(store, unclaimed, "invalid");
  await store.hubs.cancel(network, [another], user);
}

async function query({ engine, url }: Opened, statement: string): Promise<void> {
  if (engine === "SQLite") {
    const database = new DatabaseSync(url.replace("sqlite:", ""), { timeout: 10_000 });
    database.exec(statement);
    database.close();
  } else {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  }
}

/** What goes wrong at once, and the rules that must see it. */
const damage: Readonly<Record<string, readonly (readonly [statement: string, rule: string])[]>> = {
  "claims and weights": [
    ["delete from service", "claim-service"],
    ["update actioned set priority = priority + 1", "actioned-copies"],
    ["update network set weight = 2", "network-state"],
    ["delete from restart_counter", "restart-counters"],
    ["delete from traceback", "result-tracebacks"],
    ["delete from network_event", "network-events"],
    ["update actioned set draw = 1 where draw is null", "draw-eligible"],
  ],
  "statuses and networks": [
    ["update task set status = 0 where service is not null", "claim-status"],
    ["update actioned set draw = null", "draw-missing"],
    ["update task set extends = id where extends is not null", "task-extends"],
    ["update task set status = 9 where status = 4", "task-status"],
    ["delete from network_protocol", "network-protocols"],
  ],
  "what others refer to": [
    ["update task set service = null where service is not null", "claim-time"],
    ["delete from transformation", "task.transformation"],
    ["delete from object where id in (select id from network)", "network.id"],
    ["delete from agent", "service.agent"],
  ],
};

onEveryEngine("the whole store", (under) => {
  if (under.engine === "PostgreSQL" && postgresAbsent) return;

  it("is counted, with the time of what happened last", async () => {
    const before = await under.store.store.summary();
    const at = Date.now() * 1000;
    await liveliness(under.store, under.scope());
    const summary = await under.store.store.summary();
    expect(summary.tasks - before.tasks).toBe(12);
    expect(Object.values(summary.tasksByStatus).reduce((sum, n) => sum + n, 0)).toBe(summary.tasks);
    expect(summary.results - before.results).toBe(3);
    expect(summary.services - before.services).toBe(1);
    expect(summary.lastActivity).toBeGreaterThanOrEqual(at - 1000);
  });

  it("is sound after work", async () => {
    await liveliness(under.store, under.scope());
    const { rules, findings } = await under.store.store.integrity();
    expect(findings).toEqual([]);
    expect(rules.includes("integrity-check")).toBe(under.engine === "SQLite");
    expect(rules.length).toBeGreaterThan(50);
  });

  it.each(Object.entries(damage))("is found to be unsound after damage to %s", async (_, steps) => {
    const other = await fresh(under.engine);
    await liveliness(other.store, "o-c-p" as Scope);
    for (const [statement] of steps) await query(other, statement);
    const { findings } = await other.store.store.integrity();
    const broken = findings.map(({ rule }) => rule);
    for (const [, rule] of steps) expect(broken).toContain(rule);
    for (const { count, examples } of findings) {
      expect(count).toBeGreaterThan(0);
      expect(examples.length).toBeGreaterThan(0);
    }
  });

  it("is not reset while a service is alive, and empty afterwards when it is", async () => {
    const other = await fresh(under.engine);
    await liveliness(other.store, "o-c-p" as Scope);
    await other.store.identities.put("user", "me", "hash");
    await expect(other.store.store.reset((Date.now() - 60_000) * 1000)).rejects.toMatchObject({
      name: "StoreInUse",
      data: { services: 1 },
    });
    expect((await other.store.store.summary()).tasks).toBe(12);
    await other.store.store.reset(Date.now() * 1000);
    expect(await other.store.store.summary()).toMatchObject({
      networks: 0,
      tasks: 0,
      identities: 0,
      events: 0,
      lastActivity: null,
    });
    await other.store.close();
    const again = await openStateStore(other.url);
    await again.identities.put("user", "me", "hash");
    expect((await again.store.integrity()).findings).toEqual([]);
    await again.close();
  });
});

/** An empty store of the test's own. */
async function fresh(engine: StoreUnderTest["engine"]): Promise<Opened> {
  let url: string;
  if (engine === "SQLite") {
    url = `sqlite:${await directory()}/state.sqlite`;
  } else {
    const database = await createTestDatabase({ name: "statestore", prepare: async (at) => (await openStateStore(at)).close() });
    onTestFinished(() => database?.drop());
    url = database?.url ?? "";
  }
  const store = await openStateStore(url);
  // Some tests close it themselves.
  onTestFinished(() => store.close().catch(() => {}));
  return { engine, store, url };
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "alchemiscale-whole-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe("a backup of a SQLite file", () => {
  it("is the state of one moment, made while others write, and opens as a store", async () => {
    const { store, url } = await fresh("SQLite");
    for (let i = 0; i < 5; i++) await liveliness(store, `o${i}-c-p` as Scope);
    const file = `${await directory()}/backup.sqlite`;
    let writing = true;
    let written = 0;
    const writer = await openStateStore(url);
    const writers = Promise.all(
      Array.from({ length: 3 }, async (_, w) => {
        while (writing) {
          await liveliness(writer, `w${w}x${written}-c-p` as Scope);
          written += 1;
        }
      }),
    );
    const told: number[] = [];
    await backupStateStore(url, file, (done) => told.push(done));
    writing = false;
    await writers;
    await writer.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(told.every((done) => done >= 0 && done <= 1)).toBe(true);
    const copy = await openStateStore(`sqlite:${file}`);
    onTestFinished(() => copy.close());
    expect((await copy.store.integrity()).findings).toEqual([]);
    const [there, then] = [await store.store.summary(), await copy.store.summary()];
    expect(then.networks).toBeGreaterThanOrEqual(5);
    expect(then.events).toBeLessThanOrEqual(there.events);
    expect((await store.store.integrity()).findings).toEqual([]);
  });

  it("takes nobody's place, and leaves nothing where it fails", async () => {
    const { url } = await fresh("SQLite");
    const path = await directory();
    await writeFile(`${path}/taken`, "mine");
    await expect(backupStateStore(url, `${path}/taken`)).rejects.toMatchObject({
      name: "BackupFailed",
      message: expect.stringContaining("there is a file of that name"),
    });
    expect(await readFile(`${path}/taken`, "utf8")).toBe("mine");
    await expect(backupStateStore(url, `${path}/absent/backup`)).rejects.toMatchObject({
      name: "BackupFailed",
      message: expect.stringContaining("its directory does not exist"),
    });
    expect(await readdir(path)).toEqual(["taken"]);
  });
});

describe.each(["SQLite", "PostgreSQL"] as const)("a migration that drops or rewrites, on %s", (engine) => {
  const migrations = new URL("./rewriting-migrations.ts", import.meta.url).href;

  it.skipIf(engine === "PostgreSQL" && postgresAbsent)("runs with a backup at hand only", async () => {
    const { store, url } = await fresh(engine);
    await store.identities.put("user", "me", "hash");
    await store.close();
    const before = await readSchema(url, { migrations });
    expect(before.pending.map(({ title, rewrites }) => [title, rewrites])).toEqual([
      ["a table for tests", false],
      ["everybody gets an address", true],
    ]);
    const backups: string[] = [];
    const options = { migrations, onBackup: (file: string) => backups.push(file) };
    if (engine === "PostgreSQL") {
      await expect(openStateStore(url, options)).rejects.toMatchObject({
        name: "MigrationNeedsBackup",
        message: expect.stringMatching(/everybody gets an address.*pg_dump.*--i-have-a-backup/),
      });
      // Not even those before it were applied.
      expect((await readSchema(url, { migrations })).pending).toHaveLength(2);
    }
    const migrated = await openStateStore(url, { ...options, backupAtHand: engine === "PostgreSQL" });
    expect(await migrated.identities.list("user")).toEqual(["me"]);
    await migrated.close();
    expect((await readSchema(url, { migrations })).pending).toEqual([]);
    if (engine === "PostgreSQL") return;
    expect(backups).toEqual([expect.stringMatching(/state\.sqlite\.before-version-\d+-\d{8}T\d{6}$/)]);
    // The backup is what there was: this program opens it, while it refuses the newer one.
    await expect(openStateStore(url)).rejects.toMatchObject({ name: "IncompatibleDatabase" });
    const restored = await openStateStore(`sqlite:${nth(backups, 0)}`);
    expect(await restored.identities.list("user")).toEqual(["me"]);
    await restored.close();
  });

  it.skipIf(engine === "PostgreSQL" && postgresAbsent)("needs none where there is nothing yet", async () => {
    const base = engine === "SQLite" ? undefined : await createTestDatabase();
    onTestFinished(() => base?.drop());
    const url = base?.url ?? `sqlite:${await directory()}/new.sqlite`;
    expect((await readSchema(url)).version).toBe(0);
    if (engine === "SQLite") expect(existsSync(url.replace("sqlite:", ""))).toBe(false);
    const backups: string[] = [];
    const store = await openStateStore(url, { migrations, onBackup: (file) => backups.push(file) });
    await store.close();
    expect(backups).toEqual([]);
  });
});
