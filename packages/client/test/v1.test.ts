/** What the clients do with routes below `/v1/`, against the real server. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer as createTcpServer } from "node:net";
import { parseComputeServiceId, type ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlchemiscaleComputeClient, type StreamedResult } from "../src/index.ts";
import { LiveApi } from "./live-api.ts";

const stored: Uint8Array[] = [];
let api: LiveApi;
let network: ScopedKey;
let transformation: ScopedKey;

beforeAll(async () => {
  api = await LiveApi.start();
  network = api.network;
  transformation = api.transformations[0] as ScopedKey;
  for (let i = 0; i < 20; i += 1) stored.push((await api.storeResult(transformation, randomBytes(100_000))).bytes);
});
afterAll(() => api[Symbol.asyncDispose]());

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
  const client = api.client();
  const { found, cursor } = await all(client.networkResults(network));
  expect(same(found)).toEqual(stored.map(() => 0));
  const metadata = await all(client.networkResults(network, { metadataOnly: true, after: found[9]?.cursor ?? "" }));
  expect(metadata.found).toEqual(found.slice(10).map((result) => ({ ...result, bytes: null })));
  expect((await all(client.networkResults(network, { after: cursor, ok: true, transformation }))).found).toEqual([]);
  for await (const _ of client.networkResults(network)) break;
});

test("a connection that is cut again and again costs nothing but repeats", { timeout: 60_000 }, async () => {
  const target = Number(new URL(api.url).port);
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
  const client = api.client({ url: `http://127.0.0.1:${port}` });
  const retries = { maxRetries: 3, baseSeconds: 1.001, maxSeconds: 0 };
  const { found } = await all(client.networkResults(network, { retries }));
  expect(cuts).toBeGreaterThan(2);
  expect(same(found)).toEqual(stored.map(() => 0));
  way.close();
});

test("a claim waits for something to do", async () => {
  const client = new AlchemiscaleComputeClient({ url: api.computeUrl, identifier: api.identifier, key: api.key });
  const service = parseComputeServiceId(`waiter-${"0".repeat(32)}`);
  await client.register(service);
  expect(await client.claimWaiting({ service, count: 2 }, 0)).toEqual({ denied: false, tasks: [] });
  const pending = client.claimWaiting({ service, count: 2 }, 30);
  const [task] = await api.state.tasks.create([transformation], null, null, {});
  await api.state.hubs.action(network, [task as ScopedKey], null, {});
  expect(await pending).toEqual({ denied: false, tasks: [task] });
});
