/** The state store as an administrator keeps it: check, migrate, backup and restore, reset. */
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Scope } from "@alchemiscale/contract";
import { hashKey } from "@alchemiscale/server";
import { openStateStore } from "@alchemiscale/statestore";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { alchemiscale, endServers, harmonicNetwork, type RunningServer, startServer, temporaryDirectory } from "./run-command.ts";

const postgres = await createTestDatabase();

afterEach(endServers);
afterAll(() => postgres?.drop());

const alice = { ALCHEMISCALE_ID: "alice", ALCHEMISCALE_KEY: "wonderland" };

/** A server with an identity, a network and its Tasks. */
async function serverWithNetwork(data: string): Promise<{ server: RunningServer; network: string }> {
  for (const args of [
    ["add", "-k", "wonderland"],
    ["add-scope", "-s", "*-*-*"],
  ]) {
    const ended = await alchemiscale(["identity", ...args, "-i", "alice", "--data", data]);
    if (ended.code !== 0) throw new Error(ended.stderr);
  }
  const server = await startServer(data);
  const submitted = await user(server, ["network", "submit", harmonicNetwork, "--scope", "a-b-c"]);
  const network = submitted.trim();
  await user(server, ["task", "create", network, "--count", "3"]);
  return { server, network };
}

async function user(server: RunningServer, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await alchemiscale([...args, "--api-url", server.userAddress], { environment: alice });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function token(server: RunningServer): Promise<string> {
  const body = new URLSearchParams({ username: "alice", password: "wonderland" });
  const response = await fetch(`${server.userAddress}/token`, { method: "POST", body });
  return ((await response.json()) as { access_token: string }).access_token;
}

function hasPgDump(): boolean {
  return spawnSync("pg_dump", ["--version"]).status === 0;
}

/** Tasks by status of the whole server. */
async function statuses(server: RunningServer): Promise<Record<string, number>> {
  const headers = { authorization: `Bearer ${await token(server)}` };
  return (await (await fetch(`${server.userAddress}/scopes/a-b-c/status`, { headers })).json()) as Record<string, number>;
}

describe("database check", () => {
  test("says what is wrong with a store, in words and as JSON, and changes nothing", async () => {
    using directory = temporaryDirectory();
    const data = directory.path;
    expect((await alchemiscale(["database", "check", "--data", data])).stdout).toMatch(/✘ state store: there is no state store/);
    expect(existsSync(join(data, "state.sqlite"))).toBe(false);
    const { server } = await serverWithNetwork(data);
    const sound = await alchemiscale(["database", "check", "--data", data]);
    expect(sound).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✔ state store: SQLite .*; \d+ rules hold\n✔ object store/),
    });
    await server.end("SIGTERM");
    const database = new DatabaseSync(join(data, "state.sqlite"));
    database.exec("update task set service = 4711, claimed = 1, status = 1 where id in (select min(id) from task)");
    database.close();
    const damaged = await alchemiscale(["database", "check", "--data", data]);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toMatch(/claim-service: 1 Tasks claimed by a compute service that is not registered.* \(\w+\)/);
    const told = await alchemiscale(["database", "check", "--data", data, "--json"]);
    expect(told.code).toBe(1);
    expect(JSON.parse(told.stdout)[0]).toMatchObject({
      store: "state store",
      error: expect.stringMatching(/^1 of \d+ rules are broken$/),
      findings: [{ rule: "claim-service", count: 1, examples: [expect.any(String)] }],
    });
    expect((await alchemiscale(["database", "check", "--quick", "--data", data])).code).toBe(0);
  });

  test("finds damaged pages", async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "state.sqlite");
    const store = await openStateStore(`sqlite:${file}`);
    for (let i = 0; i < 300; i++) await store.identities.put("user", `user ${i} ${randomUUID()}`, "x".repeat(60));
    await store.close();
    const bytes = readFileSync(file);
    // In the middle of a page of rows, not in the header that says which pages there are.
    const page = bytes.lastIndexOf("user 150 ") & ~4095;
    bytes.fill(0xff, page + 8, page + 60);
    writeFileSync(file, bytes);
    const ended = await alchemiscale(["database", "check", "--data", directory.path]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/✘ state store: /);
  });
});

describe("database backup", () => {
  test("is taken while the server works, and a server on it has everything of that moment", async () => {
    using directory = temporaryDirectory();
    const [data, copies] = [join(directory.path, "data"), join(directory.path, "copies")];
    mkdirSync(copies);
    const { server, network } = await serverWithNetwork(data);
    const authorization = `Bearer ${await token(server)}`;
    const [transformation] = (await (
      await fetch(`${server.userAddress}/networks/${network}/transformations`, { headers: { authorization } })
    ).json()) as string[];
    const { waiting: standing = 0 } = await statuses(server);
    let working = true;
    let created = 0;
    const work = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (working) {
          const response = await fetch(`${server.userAddress}/transformations/${transformation}/tasks`, {
            method: "POST",
            headers: { authorization, "content-type": "application/json" },
            body: JSON.stringify({ count: 2 }),
          });
          if (response.status !== 200) throw new Error(await response.text());
          await response.body?.cancel();
          created += 2;
        }
      }),
    );
    await expect.poll(() => created).toBeGreaterThan(10);
    const before = created;
    const copy = join(copies, "state.sqlite");
    const ended = await alchemiscale(["database", "backup", copy, "--data", data]);
    const after = created;
    working = false;
    await work;
    expect(ended).toMatchObject({ code: 0, stdout: `${copy}\n` });
    expect(readdirSync(copies)).toEqual(["state.sqlite"]);
    const again = await alchemiscale(["database", "backup", copy, "--data", data]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("there is a file of that name") });
    await server.end("SIGTERM");

    // As docs/administrators.md has it: objects first into their place, then the state without what belonged to the old one.
    cpSync(join(data, "objects"), join(copies, "objects"), { recursive: true });
    rmSync(data, { recursive: true });
    mkdirSync(data, { mode: 0o700 });
    cpSync(join(copies, "objects"), join(data, "objects"), { recursive: true });
    cpSync(copy, join(data, "state.sqlite"));
    const checked = await alchemiscale(["database", "check", "--data", data]);
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("rules hold") });
    const restored = await startServer(data);
    const waiting = (await statuses(restored)).waiting ?? 0;
    const ofNetwork = Number(/"waiting": (\d+)/.exec(await user(restored, ["network", "status", network, "--json"]))?.[1]);
    expect(ofNetwork).toBe(waiting);
    expect(waiting).toBeGreaterThanOrEqual(standing + before);
    // What each of the four had asked for may have been there before its answer.
    expect(waiting).toBeLessThanOrEqual(standing + after + 8);
    await restored.end("SIGTERM");
  });

  test.skipIf(postgres === undefined || !hasPgDump())(
    "of PostgreSQL is a dump, and a server on what it brings back has everything",
    async () => {
      const [old, restored] = [await createTestDatabase(), await createTestDatabase()];
      if (old === undefined || restored === undefined) throw new Error("PostgreSQL was there a moment ago");
      try {
        const store = await openStateStore(old.url);
        await store.identities.put("user", "alice", await hashKey("wonderland"));
        await store.identities.addScopes("user", "alice", ["*-*-*" as Scope]);
        await store.close();
        using directory = temporaryDirectory();
        const serving = (url: string) =>
          startServer(directory.path, { environment: { ALCHEMISCALE_STATE_STORE_URL: url } }, ["api", "--port", "0"]);
        const server = await serving(old.url);
        const network = (await user(server, ["network", "submit", harmonicNetwork, "--scope", "a-b-c"])).trim();
        await user(server, ["task", "create", network, "--count", "2"]);
        const dump = join(directory.path, "dump");
        execFileSync("pg_dump", ["--format=custom", `--file=${dump}`, old.url]);
        execFileSync("pg_restore", ["--no-owner", `--dbname=${restored.url}`, dump]);
        const before = await statuses(server);
        await server.end("SIGTERM");
        const again = await serving(restored.url);
        expect(await statuses(again)).toEqual(before);
        await user(again, ["task", "create", network, "--count", "1"]);
        const checked = await alchemiscale(["database", "check", "--url", restored.url, "--data", directory.path]);
        expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("rules hold") });
        await again.end("SIGTERM");
      } finally {
        await endServers();
        await old.drop();
        await restored.drop();
      }
    },
  );

  test("is pg_dump's on PostgreSQL", async () => {
    const ended = await alchemiscale(["database", "backup", "x", "--url", "postgres://me:secret@h/d"]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/PostgreSQL has its own means.*pg_dump --format=custom/);
    expect(ended.stderr).not.toContain("secret");
  });

  test("of a store that is not there makes none", async () => {
    using directory = temporaryDirectory();
    const ended = await alchemiscale(["database", "backup", join(directory.path, "x"), "--data", join(directory.path, "data")]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/there is no state store .*data\/state\.sqlite/);
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

describe("database reset", () => {
  test("shows what it would erase, asks for the name, and leaves the results", async () => {
    using directory = temporaryDirectory();
    const data = directory.path;
    const name = join(data, "state.sqlite");
    const reset = (args: readonly string[], input?: string) =>
      alchemiscale(["database", "reset", "--data", data, ...args], input === undefined ? {} : { input });
    const { server } = await serverWithNetwork(data);
    writeFileSync(join(data, "objects", "result"), "bytes");

    const used = await reset(["--confirm", name]);
    expect(used.code).toBe(1);
    expect(used.stderr).toMatch(/another process serves the user API/);
    await server.end("SIGTERM");

    for (const [args, input] of [
      [["--confirm", "state.sqlite"], undefined],
      [[], "yes\n"],
      [[], ""],
    ] as const) {
      const refused = await reset(args, input);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain("nothing was erased");
      expect(refused.stderr).toContain(`Its name is ${name}`);
      expect(refused.stdout).toMatch(/networks +1\n(.*\n)*Tasks +[1-9]\d* \(\d+ waiting\)\n(.*\n)*identities +1\n/);
      expect(refused.stdout).toMatch(new RegExp(`last activity +${new Date().getUTCFullYear()}-`));
    }
    const checked = await alchemiscale(["identity", "list", "--data", data]);
    expect(checked.stdout).toBe("['alice']\n");

    const done = await reset([], `${name}\n`);
    expect(done.code).toBe(0);
    expect((await alchemiscale(["identity", "list", "--data", data])).stdout).toBe("[]\n");
    expect(readFileSync(name).includes("alice")).toBe(false);
    expect(readFileSync(join(data, "objects", "result"), "utf8")).toBe("bytes");
  });

  test.skipIf(postgres === undefined)(
    "is refused while an API process or a compute service is there, on PostgreSQL too",
    async () => {
      using directory = temporaryDirectory();
      const environment = { ALCHEMISCALE_STATE_STORE_URL: postgres?.url, JWT_SECRET_KEY: "0123456789abcdef0123456789abcdef" };
      const name = (postgres?.url ?? "").replace(/^.*@/, "");
      const reset = () => alchemiscale(["database", "reset", "--confirm", name], { environment });
      const server = await startServer(directory.path, { environment }, ["api", "--port", "0"]);
      const used = await reset();
      expect(used.stderr).toMatch(/1 API process\(es\) use the store \(process \d+ on /);
      expect(used.code).toBe(1);
      expect(await server.end("SIGTERM")).toBe(0);

      const store = await openStateStore(postgres?.url ?? "");
      const service = `worker-${randomUUID()}` as Parameters<typeof store.services.register>[0];
      await store.services.register(service, { managerName: null, sentManagerKey: true, identity: "w" });
      const alive = await reset();
      expect(alive).toMatchObject({ code: 1, stderr: expect.stringContaining(`1 compute service(s) are alive (${service})`) });
      await store.services.deregister(service, {});
      await store.close();
      const done = await reset();
      expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`store            ${name}`) });
      expect(
        (await alchemiscale(["database", "check"], { environment: { ...environment, ALCHEMISCALE_DATA: directory.path } })).code,
      ).toBe(0);
    },
  );
});

describe("database migrate", () => {
  test("shows what is pending, and applies it", async () => {
    using directory = temporaryDirectory();
    const args = ["database", "migrate", "--data", directory.path];
    const shown = await alchemiscale([...args, "--dry-run"]);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^no schema yet; pending:\n {5}1 {2}first schema\n/) });
    expect(existsSync(join(directory.path, "state.sqlite"))).toBe(false);
    const applied = await alchemiscale([...args, "--json"]);
    expect(JSON.parse(applied.stdout)).toMatchObject({
      version: 0,
      pending: expect.arrayContaining([expect.objectContaining({ version: 1 })]),
    });
    const again = await alchemiscale(args);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^schema version \d+; nothing is pending\n$/) });
  });

  test("copies a SQLite file before a migration that drops or rewrites, and asks whether PostgreSQL was backed up", async () => {
    const { databaseMigrate } = await import("../src/commands/database-migrate.ts");
    const migrations = new URL("../../statestore/test/rewriting-migrations.ts", import.meta.url).href;
    using directory = temporaryDirectory();
    const data = directory.path;
    await alchemiscale(["identity", "add", "-i", "alice", "-k", "wonderland", "--data", data]);
    await databaseMigrate({ data, migrations, json: true });
    const copy = readdirSync(data).find((name) => /^state\.sqlite\.before-version-\d+-\d{8}T\d{6}$/.test(name));
    expect(copy).toBeDefined();
    const listed = await alchemiscale(["identity", "list", "--url", `sqlite:${join(data, copy ?? "")}`]);
    expect(listed.stdout).toBe("['alice']\n");
    // The program that does not know it refuses the newer one.
    const refused = await alchemiscale(["identity", "list", "--data", data]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("use the newer program") });

    const other = await createTestDatabase();
    if (other === undefined) return;
    try {
      const url = other.url;
      expect((await alchemiscale(["database", "init", "--url", url])).code).toBe(0);
      await expect(databaseMigrate({ url, migrations, json: true })).rejects.toThrow(/--i-have-a-backup/);
      await databaseMigrate({ url, migrations, iHaveABackup: true, json: true });
      expect((await alchemiscale(["database", "check", "--url", url])).code).toBe(1);
    } finally {
      await other.drop();
    }
  });
});
