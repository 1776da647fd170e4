/**
 * A state store of our own, and our APIs over it, for a program in another language: one request a line on standard input, one reply
 * a line on standard output, both JSON. For tests alone: whoever speaks to it may do everything, and `reset` forgets everything.
 *
 * Requests are `{"do": <name>, …}`, see `requests` below; replies `{"ok": <value>}` or `{"error": {"name", "message"}}`.
 * Instants are microseconds since 1970 UTC. Ends when standard input ends.
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
import { pino } from "pino";
import { storeNetwork } from "../../../../scripts/stored-networks/store-network.ts";

/** Operations of the state store by name, as a caller from outside names them. */
type Callable = Readonly<Record<string, Readonly<Record<string, (...input: unknown[]) => Promise<unknown>>>>>;

interface Served {
  readonly server: Server;
  readonly objectStore: ObjectStore;
}

const directory = await mkdtemp(join(tmpdir(), "alchemiscale-store-"));
let generation = 0;
const file = () => join(directory, `state-${generation}.sqlite`);
let current = await openStateStore(`sqlite:${file()}`);
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
    const [last, lastFile] = [current, file()];
    generation += 1;
    current = await openStateStore(`sqlite:${file()}`);
    await last.close();
    for (const ending of ["", "-wal", "-shm"]) await rm(lastFile + ending, { force: true });
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
    const database = new DatabaseSync(file(), { timeout: 10_000 });
    try {
      return database.prepare(sql).all(...values);
    } finally {
      database.close();
    }
  },
};

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
await rm(directory, { recursive: true });
