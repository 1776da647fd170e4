/**
 * A state store of our own, and our APIs over it, for a program in another language: one request a line on standard input, one reply
 * a line on standard output, both JSON. For tests alone: whoever speaks to it may do everything, and `reset` forgets everything.
 *
 * Requests are `{"do": <name>, …}`, see `requests` below; replies `{"ok": <value>}` or `{"error": {"name", "message"}}`.
 * Instants are microseconds since 1970 UTC. Ends when standard input ends. The store is on SQLite, or with ALCHEMISCALE_TEST_ENGINE=postgresql
 * in databases on the PostgreSQL for tests.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { type IdentityType, type NetworkState, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { type ObjectStore, openObjectStore } from "@alchemiscale/objectstore";
import { createServer, type Server } from "@alchemiscale/server";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { Client } from "pg";
import { pino } from "pino";
import { storeNetwork } from "../../../../scripts/stored-networks/store-network.ts";
import { createTestDatabase } from "../../../../scripts/test-services/test-database.ts";

/** Operations of the state store by name, as a caller from outside names them. */
type Callable = Readonly<Record<string, Readonly<Record<string, (...input: unknown[]) => Promise<unknown>>>>>;

interface Served {
  readonly server: Server;
  readonly objectStore: ObjectStore;
}

/** An empty database of this program's own, behind the store. */
interface Database {
  readonly url: string;
  rows(sql: string, values: readonly SQLInputValue[]): Promise<readonly unknown[]>;
  remove(): Promise<void>;
}

const directory = await mkdtemp(join(tmpdir(), "alchemiscale-store-"));
const newDatabase = process.env.ALCHEMISCALE_TEST_ENGINE === "postgresql" ? newPostgres : newSqlite;
let generation = 0;
let database = await newDatabase();
let current = await openStateStore(database.url);
/** What is exchanged by `reset` below servers that run on it. */
const store = new Proxy({} as StateStore, {
  get(_target, name) {
    const value: unknown = Reflect.get(current, name);
    return typeof value === "function" ? value.bind(current) : value;
  },
});
const served = new Map<string, Served>();

const requests = {
  /** An empty store in place of the one that was. */
  async reset() {
    const [last, lastDatabase] = [current, database];
    database = await newDatabase();
    current = await openStateStore(database.url);
    await last.close();
    await lastDatabase.remove();
  },

  /** Serves one API until `unserve`; the environment is that of the object store. The address of the API. */
  async serve(input: {
    readonly api: "user" | "compute";
    readonly port: number;
    readonly jwtSecret: string;
    readonly jwtExpireSeconds: number;
    readonly objectStore: string | null;
    readonly environment: Readonly<Record<string, string>>;
  }) {
    Object.assign(process.env, input.environment);
    const objectStore = await openObjectStore(input.objectStore ?? `file:${join(directory, "objects")}`);
    const server = createServer({
      stateStore: store,
      objectStore,
      jwtSecret: input.jwtSecret,
      jwtExpireSeconds: input.jwtExpireSeconds,
      logger: pino({ level: process.env.ALCHEMISCALE_TEST_LOGLEVEL ?? "warn", base: null }, pino.destination(2)),
      bindings: { [input.api]: { host: "127.0.0.1", port: input.port } },
    });
    await server.listen();
    const address = (input.api === "user" ? server.userAddress : server.computeAddress) ?? "";
    served.set(address, { server, objectStore });
    return address;
  },

  async unserve({ address }: { readonly address: string }) {
    const found = served.get(address);
    served.delete(address);
    await found?.server.close();
    await found?.objectStore.close();
  },

  async identity(input: {
    readonly type: IdentityType;
    readonly identifier: string;
    readonly hashedKey: string;
    readonly scopes: readonly string[];
  }) {
    await store.identities.put(input.type, input.identifier, input.hashedKey);
    await store.identities.addScopes(input.type, input.identifier, input.scopes.map(parseScope));
  },

  /** The network's key, its hub's and its mark's. `chain`: the text of a keyed chain. */
  async submit(input: { readonly chain: string; readonly scope: string; readonly state: NetworkState }) {
    const actor = { reason: "test" };
    const reply = await storeNetwork(store, sliceKeyedChain(input.chain), parseScope(input.scope), { state: input.state, actor });
    return [reply.network, reply.hub, reply.mark];
  },

  /** Any operation of the state store, as `tasks.create`. Maps come back as objects, numbers beyond 2⁵³ rounded. */
  async call({ operation, input }: { readonly operation: string; readonly input: readonly unknown[] }) {
    const [domain = "", name = ""] = operation.split(".");
    const operations = (store as unknown as Callable)[domain];
    const found = operations?.[name];
    if (operations === undefined || found === undefined) throw new TypeError(`the state store has no operation ${operation}`);
    return await found.apply(operations, [...input]);
  },

  /** `tasks.setPriorities`, whose priority has a type that JSON lacks. */
  async prioritize({ tasks, priority }: { readonly tasks: readonly ScopedKey[]; readonly priority: number }) {
    return await store.tasks.setPriorities(tasks, BigInt(priority), { reason: "test" });
  },

  /** What no operation gives, or sets, from the database itself. */
  async rows({ sql, values }: { readonly sql: string; readonly values: readonly SQLInputValue[] }) {
    return await database.rows(sql, values);
  },
};

async function newSqlite(): Promise<Database> {
  generation += 1;
  const file = join(directory, `state-${generation}.sqlite`);
  return {
    url: `sqlite:${file}`,
    rows: async (sql, values) => {
      const connection = new DatabaseSync(file, { timeout: 10_000 });
      try {
        return connection.prepare(sql).all(...values);
      } finally {
        connection.close();
      }
    },
    remove: async () => {
      for (const ending of ["", "-wal", "-shm"]) await rm(file + ending, { force: true });
    },
  };
}

async function newPostgres(): Promise<Database> {
  const made = await createTestDatabase({
    name: "upstream",
    prepare: async (url) => (await openStateStore(url)).close(),
  });
  if (made === undefined) throw new Error("this machine has no PostgreSQL");
  return {
    url: made.url,
    rows: async (sql, values) => {
      const connection = new Client({ connectionString: made.url });
      await connection.connect();
      try {
        let place = 0;
        return (
          await connection.query(
            sql.replaceAll("?", () => `$${++place}`),
            [...values],
          )
        ).rows;
      } finally {
        await connection.end();
      }
    },
    remove: () => made.drop(),
  };
}

type RequestName = keyof typeof requests;

function jsonValue(_name: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === "bigint" ? Number(value) : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as { readonly do: RequestName };
  let reply: unknown;
  try {
    const handle = requests[request.do] as (input: unknown) => Promise<unknown>;
    reply = { ok: (await handle(request)) ?? null };
  } catch (error) {
    const { name, message } = error as Error;
    reply = { error: { name, message } };
  }
  process.stdout.write(`${JSON.stringify(reply, jsonValue)}\n`);
}
for (const address of served.keys()) await requests.unserve({ address });
await store.close();
await database.remove();
await rm(directory, { recursive: true });
