/** What PostgreSQL refuses because of others is run again inside, and nobody notices. */
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { openStateStore, type StateStore } from "../src/index.ts";
import { create, nth, user } from "./given.ts";
import { sampleNetwork } from "./sample-network.ts";

const database = await createTestDatabase();

describe.skipIf(database === undefined)("on PostgreSQL", () => {
  const url = database?.url ?? "";
  let store: StateStore;
  let other: Client;
  beforeAll(async () => {
    store = await openStateStore(url);
    other = new Client({ connectionString: url });
    await other.connect();
  });
  afterAll(async () => {
    await other.end();
    await store.close();
    await database?.drop();
  });
  const tasks = async (scope: string, count: number) => {
    const { network } = await store.networks.submit(sampleNetwork({ scope }), user);
    return create(store, nth(await store.networks.transformationsOf(network), 0), count);
  };
  const id = async (task: string) => {
    const token = task.split("-")[1];
    return (await other.query("select id from task where token = $1", [token])).rows[0].id as string;
  };

  it("a deadlock costs an operation a second try", async () => {
    const [first, second] = await tasks("dead-lock-one", 2);
    if (first === undefined || second === undefined) throw new Error("two Tasks were created");
    const [one, two] = [await id(first), await id(second)];
    await other.query("begin");
    await other.query("select from task where id = $1 for update", [two]);
    // Takes the first and waits for the second; then we want the first. It has waited longer, so it is the one that is refused.
    const moved = store.tasks.setStatuses([first, second], "invalid", user);
    await expect
      .poll(async () => (await other.query("select from pg_locks where not granted")).rowCount, { timeout: 5000 })
      .toBeGreaterThan(0);
    await other.query("select from task where id = $1 for update", [one]);
    await other.query("commit");
    expect(await moved).toEqual([first, second]);
    expect(await store.tasks.getStatuses([first, second])).toEqual(["invalid", "invalid"]);
    const deadlocks = async () => {
      const { rows } = await other.query("select deadlocks::int as n from pg_stat_database where datname = current_database()");
      return rows[0].n as number;
    };
    await expect.poll(deadlocks, { timeout: 10_000 }).toBeGreaterThan(0);
    // Nothing of the refused try is left.
    const events = await store.events.ofTask(first);
    expect(events.filter(({ kind }) => kind === "status")).toHaveLength(1);
  });

  it("a serialization failure costs as many tries as it takes, within reason", async () => {
    await other.query("create sequence tries");
    await other.query(`create function refuse() returns trigger language plpgsql as $$ begin
      if nextval('tries') <= 4 then raise exception 'could not serialize access' using errcode = '40001'; end if; return new;
    end $$`);
    await other.query("create trigger refuse before insert on task for each row execute function refuse()");
    const created = await tasks("serial-i-z", 1);
    expect(await store.tasks.getStatuses(created)).toEqual(["waiting"]);
    expect(Number((await other.query("select last_value from tries")).rows[0].last_value)).toBe(5);
    expect((await other.query("select count(*)::int as n from task where scope = (select max(id) from scope)")).rows[0].n).toBe(
      1,
    );
    await other.query("alter sequence tries restart with -1000 minvalue -1000");
    await expect(
      create(store, nth(await store.networks.queryTransformations({ scopes: ["serial-i-z" as never] }), 0), 1),
    ).rejects.toMatchObject({
      name: "StateStoreUnavailable",
    });
    await other.query("drop trigger refuse on task");
  });

  it("operations that cross each other all come through", { timeout: 60_000 }, async () => {
    const all = await tasks("cross-e-d", 60);
    const mixed = (n: number) => [...all].sort((a, b) => (a.slice(n % 20) < b.slice(n % 20) ? -1 : 1));
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        if (n % 3 === 0) await store.tasks.setPriorities(mixed(n), BigInt(n + 1), user);
        else if (n % 3 === 1) await store.tasks.setStatuses(mixed(n), "error", user);
        else await store.hubs.action(nth(await store.tasks.networksOf(nth(all, 0)), 0), mixed(n), 0.5, user);
      }),
    );
    expect(new Set(await store.tasks.getPriorities(all)).size).toBe(1);
  });
});
