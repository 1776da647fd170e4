/** What the clients do with routes below `/v1/`, against the real server. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseComputeServiceId, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { createServer, hashKey } from "@alchemiscale/server";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlchemiscaleClient, AlchemiscaleComputeClient, type StreamedResult } from "../src/index.ts";

const networkChain = readFileSync(new URL("../../../examples/harmonic-network.json", import.meta.url), "utf8");
const scope = parseScope("org-campaign-project");
const closers: (() => Promise<void>)[] = [];
const stored: Buffer[] = [];
let state: StateStore;
let userUrl: string;
let computeUrl: string;
let network: ScopedKey;
let transformation: ScopedKey;

const user = (url: string) => new AlchemiscaleClient({ url, identifier: "alice", key: "a key" });

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-client-v1-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  state = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
  closers.push(() => state.close());
  const objects = await openObjectStore(`file:${join(directory, "objects")}`);
  closers.push(() => objects.close());
  for (const type of ["user", "compute"] as const) {
    await state.identities.put(type, "alice", await hashKey("a key"));
    await state.identities.addScopes(type, "alice", [parseScope("org-*-*")]);
  }
  const anyPort = { host: "127.0.0.1", port: 0 };
  const server = createServer({
    stateStore: state,
    objectStore: objects,
    jwtSecret: randomBytes(32).toString("hex"),
    limits: { graceSeconds: 1 },
    logger: pino({ level: "silent" }),
    bindings: { user: anyPort, compute: anyPort },
  });
  await server.listen();
  closers.push(() => server.close());
  userUrl = server.userAddress ?? "";
  computeUrl = server.computeAddress ?? "";
  network = await user(userUrl).createNetwork(networkChain, scope);
  transformation = (await state.networks.transformationsOf(network))[0] as ScopedKey;
  const tasks = await state.tasks.create(Array<ScopedKey>(20).fill(transformation), null, null, {});
  for (const [i, task] of tasks.entries()) {
    const bytes = randomBytes(100_000);
    stored.push(bytes);
    await objects.put(`results/${i}`, bytes);
    const resultKey = `ProtocolDAGResult-${i.toString(16).padStart(32, "0")}`;
    const created = "2026-03-01T00:00:00.000001+00:00";
    await state.results.report({
      task,
      service: "s",
      resultKey,
      ok: true,
      location: `results/${i}`,
      created,
      failures: [],
      actor: {},
    });
  }
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const all = async (results: AsyncGenerator<StreamedResult, string>) => {
  const found: StreamedResult[] = [];
  for (;;) {
    const next = await results.next();
    if (next.done === true) return { found, cursor: next.value };
    found.push(next.value);
  }
};
const same = (found: readonly StreamedResult[]) =>
  found.map(({ bytes }, i) => Buffer.compare(bytes ?? Buffer.alloc(0), stored[i] ?? Buffer.alloc(0)));

test("results come one by one, with or without their bytes, and later ones after the end", async () => {
  const client = user(userUrl);
  const { found, cursor } = await all(client.networkResults(network));
  expect(same(found)).toEqual(stored.map(() => 0));
  const metadata = await all(client.networkResults(network, { metadataOnly: true, after: found[9]?.cursor ?? "" }));
  expect(metadata.found).toEqual(found.slice(10).map((result) => ({ ...result, bytes: null })));
  expect((await all(client.networkResults(network, { after: cursor, ok: true, transformation }))).found).toEqual([]);
  for await (const _ of client.networkResults(network)) break;
});

test("a connection that is cut again and again costs nothing but repeats", { timeout: 60_000 }, async () => {
  const target = Number(new URL(userUrl).port);
  let cuts = 0;
  const way = createTcpServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let passed = 0;
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      passed += chunk.length;
      client.write(chunk);
      if (passed > 450_000) {
        cuts += 1;
        client.destroy();
        upstream.destroy();
      }
    });
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  }).listen(0, "127.0.0.1");
  await once(way, "listening");
  const address = way.address();
  const port = typeof address === "object" ? address?.port : 0;
  const client = user(`http://127.0.0.1:${port}`);
  const retries = { maxRetries: 3, baseSeconds: 1.001, maxSeconds: 0 };
  const { found } = await all(client.networkResults(network, { retries }));
  expect(cuts).toBeGreaterThan(2);
  expect(same(found)).toEqual(stored.map(() => 0));
  way.close();
});

test("a claim waits for something to do", async () => {
  const client = new AlchemiscaleComputeClient({ url: computeUrl, identifier: "alice", key: "a key" });
  const service = parseComputeServiceId(`waiter-${"0".repeat(32)}`);
  await client.register(service);
  expect(await client.claimWaiting({ service, count: 2 }, 0)).toEqual({ denied: false, tasks: [] });
  const pending = client.claimWaiting({ service, count: 2 }, 30);
  const [task] = await state.tasks.create([transformation], null, null, {});
  await state.hubs.action(network, [task as ScopedKey], null, {});
  expect(await pending).toEqual({ denied: false, tasks: [task] });
});
