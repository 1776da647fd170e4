/** The results of a network, from our server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AlchemiscaleComputeClient, type ContentCache, memoryCache, type Progress, type RetrievedResult } from "../src/index.ts";
import { LiveApi, type StoredResult } from "./live-api.ts";

let api: LiveApi;
let stored: StoredResult[];
beforeAll(async () => {
  api = await LiveApi.start();
  stored = await api.storeResults(20, 50_000, 5);
});
afterAll(() => api[Symbol.asyncDispose]());

const succeeded = () => stored.filter(({ ok }) => ok);
const failed = () => stored.filter(({ ok }) => !ok);

async function all(results: AsyncIterable<RetrievedResult>): Promise<RetrievedResult[]> {
  const found: RetrievedResult[] = [];
  for await (const result of results) found.push(result);
  return found;
}

function expectSame(found: readonly RetrievedResult[], wanted: readonly StoredResult[]): void {
  expect(found.map(({ task, transformation, ok }) => ({ task, transformation, ok }))).toEqual(
    wanted.map(({ task, transformation, ok }) => ({ task, transformation, ok })),
  );
  expect(found.every(({ bytes }, i) => Buffer.compare(bytes, wanted[i]?.bytes ?? new Uint8Array()) === 0)).toBe(true);
}

test("results, failures, and both come in the order of their arrival", async () => {
  const client = api.client();
  expectSame(await all(client.getNetworkResults(api.network)), succeeded());
  expectSame(await all(client.getNetworkFailures(api.network)), failed());
  expectSame(await all(client.getNetworkOutcomes(api.network)), stored);
});

test("awaited, they are references by Transformation, those without results too", async () => {
  const references = await api.client().getNetworkResults(api.network);
  expect([...references.keys()].sort()).toEqual([...api.transformations].sort());
  expect([...references.values()].flat()).toHaveLength(succeeded().length);
  const [transformation] = api.transformations;
  if (transformation === undefined) throw new Error("no Transformation");
  expect(references.get(transformation)).toEqual(await api.client().getTransformationResults(transformation));
  const unknown = transformation.replace(/^Transformation-.{4}/, "Transformation-0000") as typeof transformation;
  expect(await api.client().getTransformationResults(unknown)).toEqual([]);
  await expect(api.client().getNetworkResults(unknown)).rejects.toMatchObject({ status: 422 });
});

test("a loop that was left goes on after the cursor", async () => {
  const first: RetrievedResult[] = [];
  for await (const result of api.client().getNetworkResults(api.network)) {
    first.push(result);
    if (first.length === 7) break;
  }
  const rest = await all(api.client().getNetworkResults(api.network, { after: first.at(-1)?.cursor ?? "" }));
  expectSame([...first, ...rest], succeeded());
});

test("no more results are asked for at once than is allowed", async () => {
  let underWay = 0;
  let most = 0;
  const client = api.client({
    fetch: async (input, init) => {
      if (!String(input).includes("/v1/results/")) return fetch(input, init);
      underWay += 1;
      most = Math.max(most, underWay);
      return fetch(input, init).finally(() => {
        underWay -= 1;
      });
    },
  });
  expectSame(await all(client.getNetworkResults(api.network, { skip: () => false, concurrency: 3 })), succeeded());
  expect(most).toBe(3);
  await expect(all(client.getNetworkResults(api.network, { skip: () => false, concurrency: 0 }))).rejects.toThrow(/concurrency/);
});

test("what is skipped is not sent", async () => {
  const wanted = new Set(stored.slice(10).map(({ task }) => task));
  const client = api.client();
  const asked: string[] = [];
  const skip = ({ task }: { readonly task: unknown }) => !wanted.has(task as never);
  const watching = api.client({
    fetch: (input, init) => {
      asked.push(String(input));
      return fetch(input, init);
    },
  });
  expectSame(
    await all(watching.getNetworkResults(api.network, { skip })),
    succeeded().filter(({ task }) => wanted.has(task)),
  );
  expect(asked.filter((url) => url.includes("/v1/results/"))).toHaveLength(8);
  expectSame(await all(client.getTransformationResults(api.transformations[0] as never, { skip: () => true })), []);
});

describe("of a Transformation or a Task", () => {
  test("they come one by one", async () => {
    const [one] = succeeded();
    if (one === undefined) throw new Error("no result");
    const client = api.client();
    const ofTransformation = await all(client.getTransformationResults(one.transformation));
    expect(ofTransformation.map(({ bytes }) => Buffer.from(bytes))).toContainEqual(Buffer.from(one.bytes));
    expectSame(await all(client.getTaskResults(one.task)), [one]);
    expectSame(await all(client.getTaskFailures(one.task)), []);
    const [failure] = failed();
    if (failure === undefined) throw new Error("no failure");
    expectSame(await all(client.getTaskFailures(failure.task)), [failure]);
    const failures = await all(client.getTransformationFailures(failure.transformation));
    expect(failures.every(({ ok }) => !ok)).toBe(true);
    await expect(all(client.getTaskResults(one.task, { after: "3" }))).rejects.toThrow(/after must be left out here/);
  });
});

test("a cache is asked first, and no result is sent twice", async () => {
  const kept = memoryCache({ maxBytes: 10_000_000 });
  const hits: string[] = [];
  const cache: ContentCache = {
    get: async (server, kind, key) => {
      const held = await kept.get(server, kind, key);
      if (held !== undefined) hits.push(key);
      return held;
    },
    put: kept.put,
  };
  const client = api.client({ cache });
  expectSame(await all(client.getNetworkResults(api.network)), succeeded());
  expect(hits).toEqual([]);
  const [one] = await all(client.getNetworkResults(api.network));
  expect(hits).toHaveLength(succeeded().length);
  if (one === undefined) throw new Error("no result");
  expect(await client.getResult(one.transformation, one.ref)).toEqual(one.bytes);
  expect(hits).toHaveLength(succeeded().length + 1);
  const chain = await client.getTransformation(one.transformation);
  expect(await client.getTransformation(one.transformation)).toBe(chain);
  expect(hits.at(-1)).toBe(one.transformation);
});

test("progress is told from the start, with the total, to the end, also where the loop is left or fails", async () => {
  const told: Progress[] = [];
  const listen = (progress: Progress) => told.push(progress);
  await all(api.client().getNetworkResults(api.network, { onProgress: listen }));
  const last = { operation: "results", subject: api.network, done: 16, total: 16, bytes: 16 * 50_000 };
  expect(told[0]).toMatchObject({ state: "started", done: 0, total: null });
  expect(told.at(-1)).toMatchObject({ ...last, state: "finished" });
  expect(told.filter(({ state }) => state === "advanced")).toHaveLength(17);
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);

  told.length = 0;
  for await (const _ of api.client({ onProgress: listen }).getNetworkResults(api.network)) break;
  expect(told.at(-1)).toMatchObject({ state: "stopped", done: 1 });

  told.length = 0;
  const controller = new AbortController();
  const loop = async () => {
    const results = api.client().getNetworkResults(api.network, { onProgress: listen, signal: controller.signal });
    for await (const _ of results) controller.abort(new Error("enough"));
  };
  await expect(loop()).rejects.toThrow("enough");
  expect(told.at(-1)).toMatchObject({ state: "failed" });
});

test("events of the network are paged, and watched as they happen", async () => {
  const client = api.client();
  const page = await client.getNetworkEvents(api.network, { limit: 3 });
  expect(page.events).toHaveLength(3);
  const more = await client.getNetworkEvents(api.network, { after: page.next ?? "", limit: 10_000 });
  const last = more.events.at(-1);
  const controller = new AbortController();
  const watched = client.watchNetwork(api.network, { after: last?.id, signal: controller.signal });
  const first = watched.next();
  const [task] = await client.createTasks(api.transformations[0] as never);
  expect((await first).value).toMatchObject({ task });
  expect((await client.getTaskEvents(task as never)).events.length).toBeGreaterThan(0);
  const pending = watched.next();
  controller.abort(new Error("enough"));
  await expect(pending).rejects.toThrow("enough");
});

test("what is kept beside a result comes back: provenance, and files by name", async () => {
  const client = api.client();
  const [one] = await all(client.getNetworkResults(api.network));
  const ref = one?.ref as never;
  expect(await client.getResultProvenance(ref)).toBeNull();
  expect(await client.getResultFiles(ref)).toEqual([]);
  await expect(client.getResultFile(ref, "0000-a unit.stdout")).rejects.toMatchObject({ status: 404 });
  const { connection } = new AlchemiscaleComputeClient({ url: api.computeUrl, identifier: api.identifier, key: api.key });
  const provenance = {
    executor: { name: "native", version: "1" },
    host: { name: "here", cpu: { model: "a CPU", cores: 2 }, gpus: [] },
    packages: { gufe: "1.12.0" },
    units: [{ unit: "Unit-1", name: null, attempt: 0, ok: true, seconds: 1.5 }],
  };
  const path = `/v1/results/${ref}`;
  await connection.text({ method: "POST", path: `${path}/provenance`, body: JSON.stringify(provenance) });
  const name = "shared/0000-a unit.stdout";
  const headers = { "content-type": "application/octet-stream" };
  const body = new Blob(["some output"]);
  await connection.text({ method: "POST", path: `${path}/files/${encodeURIComponent(name)}`, body, headers });
  expect(await client.getResultProvenance(ref)).toEqual(provenance);
  expect(await client.getResultFiles(ref)).toEqual([{ name, bytes: 11 }]);
  expect(new TextDecoder().decode(await client.getResultFile(ref, name))).toBe("some output");
});

test("a result's address: a directory has none", async () => {
  const [one] = await all(api.client().getNetworkResults(api.network));
  await expect(api.client().getResultUrl(one?.ref as never)).rejects.toMatchObject({
    status: 501,
    problem: "urn:alchemiscale:problem:no-addresses",
  });
});
