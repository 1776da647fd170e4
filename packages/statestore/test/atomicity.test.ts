/** The contract of §15: every operation is one transaction, and what may run beside it changes nothing of that. */
import { DatabaseSync } from "node:sqlite";
import type { ComputeManagerId, ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { Client } from "pg";
import { expect, it } from "vitest";
import { freshStrategyState } from "../../../scripts/stored-networks/fresh-strategy-state.ts";
import { claimAll, create, failure, nth, report, user } from "./given.ts";
import { onEveryEngine, type StoreUnderTest } from "./on-every-engine.ts";
import { sampleNetwork } from "./sample-network.ts";

/** The database itself, to break what writes to it. */
interface Database {
  execute(statement: string): Promise<void>;
  query(statement: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

async function databaseOf({ engine, url }: StoreUnderTest): Promise<Database> {
  if (engine === "SQLite") {
    const database = new DatabaseSync(url.slice("sqlite:".length), { timeout: 10_000 });
    return {
      execute: async (statement) => database.exec(statement),
      query: async (statement) => database.prepare(statement).all(),
      close: async () => database.close(),
    };
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    execute: async (statement) => void (await client.query(statement)),
    query: async (statement) => (await client.query(statement)).rows,
    close: () => client.end(),
  };
}

/** Makes the n-th change of a row fail from now on, whichever table it is in. */
async function faultsIn(under: StoreUnderTest): Promise<{
  readonly database: Database;
  failAt(change: number): Promise<void>;
  remove(): Promise<void>;
  /** Everything that the store holds. */
  dump(): Promise<string>;
}> {
  const database = await databaseOf(under);
  const sqlite = under.engine === "SQLite";
  const listed = await database.query(
    sqlite
      ? "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
      : "select tablename as name from pg_tables where schemaname = 'public' order by tablename",
  );
  const tables = listed.map(({ name }) => String(name));
  const changes = sqlite ? ["insert", "update", "delete"] : ["insert or update or delete"];
  const triggers = tables.flatMap((table) =>
    changes.map((change) => ({ name: `fault_${table}_${change.slice(0, 6)}`, table, change })),
  );
  if (sqlite) await database.execute("create table fault (countdown integer); insert into fault values (-1)");
  else {
    await database.execute("create sequence fault minvalue -1000000000");
    await database.execute(`create function fault() returns trigger language plpgsql as $$ begin
      if nextval('fault') = 0 then raise exception 'a fault was asked for'; end if; return null; end $$`);
  }
  for (const { name, table, change } of triggers) {
    await database.execute(
      sqlite
        ? `create trigger ${name} after ${change} on ${table} begin
             update fault set countdown = countdown - 1;
             select raise(abort, 'a fault was asked for') where (select countdown from fault) = 0; end`
        : `create trigger ${name} after ${change} on ${table} for each row execute function fault()`,
    );
  }
  return {
    database,
    failAt: (change) =>
      database.execute(sqlite ? `update fault set countdown = ${change}` : `select setval('fault', ${-change})`),
    async remove() {
      for (const { name, table } of triggers)
        await database.execute(sqlite ? `drop trigger ${name}` : `drop trigger ${name} on ${table}`);
      await database.execute(sqlite ? "drop table fault" : "drop function fault(); drop sequence fault");
      await database.close();
    },
    async dump() {
      const whole: [string, string[]][] = [];
      for (const table of tables)
        whole.push([table, (await database.query(`select * from "${table}"`)).map((row) => JSON.stringify(row)).sort()]);
      return JSON.stringify(whole);
    },
  };
}

onEveryEngine("an operation", (under) => {
  it("that fails anywhere in its middle has no effect at all", { timeout: 300_000 }, async () => {
    const { store } = under;
    const { scope, network, hub, transformations } = await under.network({ transformations: 2 });
    const [own, other] = [nth(transformations, 0), nth(transformations, 1)];
    const service = await under.service();
    const manager = (name: string, n: number) => `${name}-${String(n).repeat(32)}` as ComputeManagerId;
    const named = `atomic${under.engine}`;
    await store.managers.register(manager(named, 1), { steal: false, identity: null });
    await store.services.register(service, { managerName: named, sentManagerKey: true, identity: null });
    const tasks = await create(store, own, 6);
    const children = await store.tasks.create([own, own], [nth(tasks, 0), nth(tasks, 0)], "user", user);
    const everything = [...tasks, ...children];
    await store.hubs.action(network, everything, null, user);
    await store.restarts.add(network, ["boom"], 2, user);
    const state = freshStrategyState;
    const entry = { key: `Strategy-${"5".repeat(32)}`, qualname: "Strategy", module: "m", text: "{}", references: [], height: 0 };
    const claimed: ScopedKey[] = [];
    const next = () => nth(claimed.splice(0, 1), 0);
    const claim = { service, count: 2, protocols: null };
    const gate = { scopes: [scope], exclude: [], forgiveBefore: 1, maxFailures: 100, sentScopesExclude: true };

    /** Each is tried with a fault at its first change, its second, and so on, until it comes through. */
    const operations: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
      ["networks.submit", () => store.networks.submit(sampleNetwork({ scope, name: "another", transformations: 2 }), user)],
      ["networks.setStates", () => store.networks.setStates([network], ["inactive"], user)],
      ["networks.setWeights", () => store.networks.setWeights([network], [0.25], user)],
      ["tasks.create", () => store.tasks.create([own, other], [nth(tasks, 1), null], "user", user)],
      ["tasks.setPriorities", () => store.tasks.setPriorities(everything.slice(1), 3n, user)],
      ["hubs.cancel", () => store.hubs.cancel(network, tasks.slice(4), user)],
      ["hubs.action", () => store.hubs.action(network, tasks, [0.1, 0.2, 0.3, 0.4, 0.6, 0.7], user)],
      ["claims.claimFromHub", async () => void claimed.push(...(await claimAll(store, hub, service, 2)))],
      [
        "claims.claim",
        async () => void claimed.push(...(await store.claims.claim({ ...claim, ...gate })).tasks.filter((task) => task !== null)),
      ],
      ["results.report", (task = next()) => store.results.report(report(task, service, { resultKey: "ProtocolDAGResult-1" }))],
      [
        "results.report",
        (task = next()) => store.results.report(failure(task, service, "boom", { resultKey: "ProtocolDAGResult-2" })),
      ],
      [
        "results.reportFailure",
        (task = next()) => store.results.reportFailure({ task, service, exception: "E", traceback: "unknown", actor: {} }),
      ],
      [
        "results.import",
        () => store.results.import({ ...failure(own, "", "boom"), transformation: own, extendsKey: null, actor: user }),
      ],
      ["restarts.add", () => store.restarts.add(network, ["boom", "other"], 1, user)],
      ["restarts.setMaxRetries", () => store.restarts.setMaxRetries(network, ["boom", "other"], 5, user)],
      ["restarts.remove", () => store.restarts.remove(network, ["boom"], user)],
      ["strategies.set", () => store.strategies.set(network, { entries: [entry], key: entry.key, state }, user)],
      ["strategies.wake", () => store.strategies.wake(network, user)],
      ["services.deregister", () => store.services.deregister(service, user)],
      ["tasks.setStatuses", () => store.tasks.setStatuses(tasks, "invalid", user)],
      ["managers.register", () => store.managers.register(manager(named, 2), { steal: true, identity: "me" })],
      ["identities.put", () => store.identities.put("user", `atomic ${under.engine}`, "hash")],
      ["identities.addScopes", () => store.identities.addScopes("user", `atomic ${under.engine}`, [scope, "*-*-*" as never])],
      ["identities.put", () => store.identities.put("user", `atomic ${under.engine}`, "another")],
    ];
    const faults = await faultsIn(under);
    try {
      for (const [name, run] of operations) {
        const before = await faults.dump();
        // What it takes from the list of claims is given back when it fails.
        const left = [...claimed];
        let change = 1;
        for (; ; change++) {
          await faults.failAt(change);
          const error: unknown = await run().then(
            () => null,
            (reason) => reason,
          );
          if (error === null) break;
          expect([name, String(error)]).toEqual([name, expect.stringContaining("a fault was asked for")]);
          expect(await faults.dump()).toBe(before);
          claimed.splice(0, claimed.length, ...left);
        }
        await faults.failAt(-1);
        expect([name, change > 1]).toEqual([name, true]);
        expect([name, (await faults.dump()) === before]).toEqual([name, false]);
      }
    } finally {
      await faults.remove();
    }
  });

  it("changes the fields that it is for, and no others that change at the same time", async () => {
    const { store } = under;
    const { network, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(store, nth(transformations, 0), 10);
    await store.hubs.action(network, tasks, null, user);
    for (let round = 1; round <= 15; round++) {
      const [priority, weight] = [BigInt(round), round / 15];
      const status = round % 2 === 0 ? "waiting" : "running";
      await Promise.all([
        store.tasks.setPriorities(tasks, priority, user),
        store.tasks.setStatuses(tasks, status, user),
        store.hubs.action(network, tasks, weight, user),
        store.networks.setWeights([network], [weight], user),
        store.networks.setStates([network], [round % 2 === 0 ? "active" : "inactive"], user),
        store.restarts.add(network, [`pattern ${round}`], 1, user),
        store.tasks.create([nth(transformations, 0)], [nth(tasks, 0)], "user", user),
      ]);
      expect(await store.tasks.getPriorities(tasks)).toEqual(tasks.map(() => priority));
      expect(await store.tasks.getStatuses(tasks)).toEqual(tasks.map(() => status));
      expect(await store.hubs.actionedTasks([network])).toEqual([new Map(tasks.map((task) => [task, weight]))]);
      expect(await store.networks.getWeights([network])).toEqual([weight]);
      expect(await store.networks.getStates([network])).toEqual([round % 2 === 0 ? "active" : "inactive"]);
    }
    expect(nth(await store.restarts.get([network]), 0)).toHaveLength(15);
  });

  it("asked for several times at once makes one of what there is one of", async () => {
    const { store } = under;
    const scope = under.scope();
    const times = <T>(work: (n: number) => Promise<T>) => Promise.all(Array.from({ length: 8 }, (_, n) => work(n)));
    const submitted = await times(() => store.networks.submit(sampleNetwork({ scope }), user));
    const { network } = nth(submitted, 0);
    expect(submitted.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(submitted.map(({ network: key, hub, mark }) => `${key} ${hub} ${mark}`)).size).toBe(1);

    const tasks = await create(store, nth(await store.networks.transformationsOf(network), 0), 20);
    const actioned = (await times(() => store.hubs.action(network, tasks, null, user))).flat().filter((task) => task !== null);
    expect(actioned.sort()).toEqual([...tasks].sort());

    await times((n) => store.restarts.add(network, ["same", `own ${n}`], 1 + n, user));
    expect(nth(await store.restarts.get([network]), 0)).toHaveLength(9);

    const entry = (n: number) => ({
      key: `Strategy-${String(n).repeat(32)}`,
      qualname: "Strategy",
      module: "m",
      text: "{}",
      references: [],
      height: 0,
    });
    const set = await times((n) =>
      store.strategies.set(network, { entries: [entry(n)], key: entry(n).key, state: freshStrategyState }, user),
    );
    expect(set).toContain((await store.strategies.get(network))?.strategy);

    const registered = await times((n) =>
      store.managers
        .register(`one${under.engine}-${String(n).repeat(32)}` as ComputeManagerId, { steal: false, identity: null })
        .then(
          () => true,
          () => false,
        ),
    );
    expect(registered.filter((taken) => taken)).toHaveLength(1);
    const identity = `several ${under.engine}`;
    expect(
      (
        await times(() => store.identities.add("user", identity, { hashedKey: "h", scopes: [scope], expires: null }, user))
      ).filter((made) => made),
    ).toHaveLength(1);
  });

  it("is seen as a whole or not at all", async () => {
    const { store } = under;
    const { network, transformations } = await under.network({ transformations: 1 });
    const tasks = await create(store, nth(transformations, 0), 200);
    await store.hubs.action(network, tasks, null, user);
    let over = false;
    const readers = Array.from({ length: 4 }, async () => {
      const seen = new Set<string>();
      while (!over) {
        const statuses = new Set(await store.tasks.getStatuses(tasks));
        expect(statuses.size).toBe(1);
        const [counts] = await store.networks.statuses([network]);
        expect(Object.values(counts ?? {})).toEqual([200]);
        for (const status of statuses) seen.add(String(status));
      }
      return seen;
    });
    for (let n = 0; n < 20; n++) await store.tasks.setStatuses(tasks, n % 2 === 0 ? "running" : "waiting", user);
    over = true;
    for (const seen of await Promise.all(readers)) expect(seen.size).toBeGreaterThan(0);
  });

  // On SQLite one writes at a time.
  if (under.engine === "SQLite") return;
  it("that claims on one hub waits neither for another hub nor for who has a Task of its own", async () => {
    const { store } = under;
    const [one, two] = [await under.network({ transformations: 1 }), await under.network({ transformations: 1 })];
    const service: ComputeServiceId = await under.service();
    const actioned = async ({ network, transformations }: typeof one) => {
      const tasks = await create(store, nth(transformations, 0), 5);
      await store.hubs.action(network, tasks, null, user);
      return tasks;
    };
    const [held] = await actioned(one);
    await actioned(two);
    // Clocks exist from the first claim on.
    for (const { hub } of [one, two]) await claimAll(store, hub, service, 1);
    const database = await databaseOf(under);
    try {
      await database.execute("begin");
      // Another claimer in the middle of its claim on the first hub: it has a Task and the clock.
      const token = held?.split("-")[1];
      await database.query(`select 1 from task where token = '${token}' for update`);
      const network = `(select n.id from network n where n.token = '${one.hub.split("-")[1]}')`;
      await database.query(`select 1 from draw_clock where network = ${network} for update`);
      expect(await claimAll(store, two.hub, service, 4)).toHaveLength(4);
      const beside = await claimAll(store, one.hub, service, 5);
      expect(beside).not.toContain(held);
      expect(beside.length).toBeGreaterThanOrEqual(3);
      await database.execute("rollback");
    } finally {
      await database.close();
    }
  });
});
