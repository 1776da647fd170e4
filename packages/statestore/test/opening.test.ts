import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { afterEach, describe, expect, it } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { openStateStore, type StateStore } from "../src/index.ts";
import { migrations } from "../src/sql/migrations/migrations.ts";
import { create, nth } from "./given.ts";
import { sampleNetwork } from "./sample-network.ts";

const open: StateStore[] = [];
const directories: string[] = [];
const directory = async () => {
  const made = await mkdtemp(join(tmpdir(), "alchemiscale-opening-"));
  directories.push(made);
  return made;
};
const opened = async (url: string, options?: Parameters<typeof openStateStore>[1]) => {
  const store = await openStateStore(url, options);
  open.push(store);
  return store;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  for (const path of directories.splice(0)) await rm(path, { recursive: true, force: true });
});

describe("a state store in a file", () => {
  it("is created with its directories, for its owner alone", async () => {
    const base = await directory();
    const store = await opened(`sqlite:${base}/new/deep/state.sqlite`);
    expect(store.description).toBe(`SQLite ${base}/new/deep/state.sqlite`);
    await store.check();
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(`${base}/new`)).toBe(0o700);
    expect(await mode(`${base}/new/deep`)).toBe(0o700);
    expect(await mode(`${base}/new/deep/state.sqlite`)).toBe(0o600);
    expect(await mode(`${base}/new/deep/state.sqlite-wal`)).toBe(0o600);
  });

  it("keeps what it holds when it is closed and opened again", async () => {
    const url = `sqlite:${await directory()}/state.sqlite`;
    const first = await opened(url);
    const { network } = await first.networks.submit(sampleNetwork({ scope: "o-c-p" }), {});
    await first.close();
    const second = await opened(url);
    expect(await second.networks.query({ scopes: ["*-*-*" as Scope] })).toEqual([network]);
  });

  it("that is asked to rest in the middle of its work loses nothing of it", async () => {
    const store = await opened(`sqlite:${await directory()}/state.sqlite`);
    const { network } = await store.networks.submit(sampleNetwork({ scope: "o-c-p" }), {});
    const [transformation] = await store.networks.transformationsOf(network);
    const creating = Array.from({ length: 200 }, (_, i) => {
      if (i % 10 === 0) store.rest();
      return store.tasks.create([transformation as ScopedKey], null, null, {});
    });
    const tasks = (await Promise.all(creating)).flat();
    expect(await store.tasks.ofNetwork(network)).toHaveLength(200);
    expect(new Set(tasks).size).toBe(200);
  });

  it("of a newer version is refused, and left as it was", async () => {
    const file = `${await directory()}/state.sqlite`;
    await (await opened(`sqlite:${file}`)).close();
    const database = new DatabaseSync(file);
    database.exec("insert into schema_version (version, applied) values (99, 0)");
    database.close();
    await expect(openStateStore(`sqlite:${file}`)).rejects.toMatchObject({
      name: "IncompatibleDatabase",
      message: expect.stringContaining("schema version 99"),
      data: { version: 99 },
    });
  });

  it("that is something else is refused", async () => {
    const base = await directory();
    await writeFile(`${base}/text`, "this is a text, and more of it than SQLite has in its header, so that it is read as one");
    await expect(openStateStore(`sqlite:${base}/text`)).rejects.toMatchObject({ name: "IncompatibleDatabase" });
    const other = new DatabaseSync(`${base}/other`);
    other.exec("create table task (something text)");
    other.close();
    await expect(openStateStore(`sqlite:${base}/other`)).rejects.toMatchObject({ name: "IncompatibleDatabase" });
  });

  it("that cannot be opened says so as a typed error", async () => {
    const base = await directory();
    await writeFile(`${base}/file`, "");
    await expect(openStateStore(`sqlite:${base}/file/state.sqlite`)).rejects.toMatchObject({ name: "StateStoreUnavailable" });
  });

  it("answers with a typed error after it was closed", async () => {
    const store = await opened(`sqlite:${await directory()}/state.sqlite`);
    await store.close();
    await expect(store.check()).rejects.toMatchObject({ name: "StateStoreUnavailable" });
    await store.close();
  });

  it("finishes what was asked for before it closes", async () => {
    const store = await opened(`sqlite:${await directory()}/state.sqlite`);
    const submitted = store.networks.submit(sampleNetwork({ scope: "o-c-p", transformations: 100 }), {});
    await store.close();
    expect((await submitted).created).toBe(true);
  });

  it("keeps a refused operation of a group from harming the others", async () => {
    const store = await opened(`sqlite:${await directory()}/state.sqlite`);
    const { network } = await store.networks.submit(sampleNetwork({ scope: "o-c-p" }), {});
    const [transformation] = await store.networks.transformationsOf(network);
    if (transformation === undefined) throw new Error("the sample has transformations");
    const missing = `Transformation-${"0".repeat(32)}-o-c-p` as typeof transformation;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        store.tasks.create(i % 3 === 0 ? [transformation, missing] : [transformation], null, "me", { identity: `me ${i}` }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map((_, i) => (i % 3 === 0 ? "rejected" : "fulfilled")));
    expect(await store.tasks.ofNetwork(network)).toHaveLength(26);
    expect(await store.networks.statuses([network])).toEqual([{ waiting: 26 }]);
  });

  it("is opened by several at once, on a file that is not there yet", async () => {
    const url = `sqlite:${await directory()}/state.sqlite`;
    const stores = await Promise.all(Array.from({ length: 5 }, () => opened(url)));
    await Promise.all(stores.map((store) => store.identities.put("user", "me", "hash")));
    expect(await nth(stores, 0).identities.list("user")).toEqual(["me"]);
  });

  it.each(["mysql://x", "state.sqlite", "sqlite:", "sqlite::memory:", "postgres"])("is not at the address %s", async (url) => {
    await expect(openStateStore(url)).rejects.toMatchObject({ name: "InvalidStateStoreUrl" });
  });
});

const database = await createTestDatabase();
describe.skipIf(database === undefined)("a state store on PostgreSQL", () => {
  const url = database?.url ?? "";

  it("is migrated once when several open it at once, and refused when it is newer", async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => opened(url, { connections: 2 })));
    await nth(stores, 3).check();
    expect(nth(stores, 0).description).toMatch(/^PostgreSQL 127\.0\.0\.1:\d+\/test_/);
    const { Client } = await import("pg");
    const client = new Client({ connectionString: url });
    await client.connect();
    expect((await client.query("select version from schema_version")).rows).toHaveLength(migrations.length);
    await client.query("insert into schema_version (version, applied) values (99, 0)");
    await expect(openStateStore(url)).rejects.toMatchObject({ name: "IncompatibleDatabase" });
    await client.query("delete from schema_version where version = 99");
    await client.end();
  });

  it("that is not there is unavailable, and its password is told to nobody", async () => {
    const attempt = openStateStore("postgres://user:secret@127.0.0.1:1/database");
    await expect(attempt).rejects.toMatchObject({ name: "StateStoreUnavailable" });
    await attempt.catch((error: Error) =>
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain("secret"),
    );
    await expect(openStateStore(url.replace(/[^/]*$/, "absent"))).rejects.toMatchObject({ name: "StateStoreUnavailable" });
  });

  it("recovers by itself when its connections are lost", async () => {
    const store = await opened(url);
    await store.networks.submit(sampleNetwork({ scope: "lost-c-p" }), {});
    const { Client } = await import("pg");
    const client = new Client({ connectionString: url });
    await client.connect();
    const cut = () =>
      client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
    // In the middle of work: every operation either succeeds or says that the store was unavailable.
    const work = Array.from({ length: 200 }, () => store.networks.submit(sampleNetwork({ scope: "lost-c-p" }), {}));
    const settled = Promise.allSettled(work);
    await cut();
    for (const outcome of await settled) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ name: "StateStoreUnavailable" });
    }
    await cut();
    await expect
      .poll(() =>
        store.check().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await client.end();
  });

  it("runs operations again that the database refused because of others", async () => {
    const store = await opened(url);
    const submission = sampleNetwork({ scope: "retry-c-p", transformations: 40 });
    const turned = {
      ...submission,
      entries: [...submission.entries].sort((a, b) => a.height - b.height || (a.key < b.key ? 1 : -1)),
    };
    // The same rows in opposite orders: a deadlock, unless both take them in one order.
    for (let i = 0; i < 10; i++) {
      const scope = `retry${i}-c-p` as Scope;
      const replies = await Promise.all(
        [submission, turned, submission, turned].map((one) => store.networks.submit({ ...one, scope }, {})),
      );
      expect(new Set(replies.map(({ network }) => network)).size).toBe(1);
    }
    const { network } = await store.networks.submit(submission, {});
    const transformation = nth(await store.networks.transformationsOf(network), 0);
    const tasks = await create(store, transformation, 200);
    const turnedTasks = [...tasks].reverse();
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const some = i % 2 === 0 ? tasks : turnedTasks;
        if (i % 3 === 0) return store.tasks.setStatuses(some, "waiting", {});
        if (i % 3 === 1) return store.hubs.action(network, some, i / 12, {});
        return store.tasks.setPriorities(some, BigInt(i + 1), {});
      }),
    );
    expect(await store.networks.statuses([network])).toEqual([{ waiting: 200 }]);
  });
});
