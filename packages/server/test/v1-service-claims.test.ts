/** What a compute service hears of its claims, against a real server. */
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";

let live: LiveServer;
let network: ScopedKey;
let transformation: ScopedKey;

beforeAll(async () => {
  live = await LiveServer.start();
  ({ network, transformation } = await live.network());
});
afterAll(() => live?.stop());

/** Lines of the stream, empty ones left out. */
class News {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #gone: AbortController;
  #rest = "";

  private constructor(body: ReadableStream<Uint8Array>, gone: AbortController) {
    this.#reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    this.#gone = gone;
  }

  static async of(service: string): Promise<News> {
    const gone = new AbortController();
    const reply = await fetch(`${live.compute}/v1/computeservices/${service}/claims`, {
      headers: { authorization: `Bearer ${live.token("compute")}`, accept: "application/x-ndjson" },
      signal: gone.signal,
    });
    if (reply.status !== 200 || reply.body === null) throw new Error(`${reply.status} ${await reply.text()}`);
    return new News(reply.body, gone);
  }

  /** Undefined at the end. */
  async next(): Promise<unknown> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        if (line !== "") return JSON.parse(line);
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += value;
    }
  }

  close(): void {
    this.#gone.abort();
  }
}

async function claimed(service: ComputeServiceId, count: number): Promise<ScopedKey[]> {
  const tasks = await live.tasks(transformation, count);
  await live.state.hubs.action(network, tasks, null, { identity: "alice" });
  return claimMore(service, count);
}

async function claimMore(service: ComputeServiceId, count: number): Promise<ScopedKey[]> {
  const body = { scopes: [{}], compute_service_id: service, count };
  const reply = await live.post("compute", "/v1/claim", body);
  return ((await reply.json()) as { tasks: ScopedKey[] }).tasks;
}

const statuses = (tasks: readonly ScopedKey[]) => live.state.tasks.getStatuses(tasks);

test("begins with all that is claimed, then tells what is set to another status, and only that", async () => {
  const service = await live.service();
  const [a, b, c] = (await claimed(service, 3)) as [ScopedKey, ScopedKey, ScopedKey];
  const news = await News.of(service);
  const first = (await news.next()) as { claims: { task: ScopedKey; actioned: boolean }[] };
  expect(new Set(first.claims.map(({ task }) => task))).toEqual(new Set([a, b, c]));
  expect(first.claims.every(({ actioned }) => actioned)).toBe(true);
  await live.state.tasks.setStatuses([a], "waiting", { identity: "alice" });
  expect(await news.next()).toEqual({ lost: a, status: "waiting" });
  await live.state.tasks.setStatuses([b], "invalid", { identity: "alice" });
  expect(await news.next()).toEqual({ lost: b, status: "invalid" });
  await live.state.tasks.setStatuses([c], "deleted", { identity: "alice" });
  expect(await news.next()).toEqual({ lost: c, status: "deleted" });
  news.close();
});

test("tells of what is claimed after the stream began, and of what is on no hub any more", async () => {
  const service = await live.service();
  const news = await News.of(service);
  expect(await news.next()).toEqual({ claims: [] });
  const [task] = (await claimed(service, 1)) as [ScopedKey];
  await live.state.hubs.cancel(network, [task], { identity: "alice" });
  expect(await news.next()).toEqual({ unactioned: task });
  await live.state.tasks.setStatuses([task], "waiting", { identity: "alice" });
  expect(await news.next()).toEqual({ lost: task, status: "waiting" });
  news.close();
  const again = await News.of(service);
  expect(await again.next()).toEqual({ claims: [] });
  again.close();
});

test("says nothing of the service's own results", async () => {
  const service = await live.service();
  const [a, b] = (await claimed(service, 2)) as [ScopedKey, ScopedKey];
  const news = await News.of(service);
  await news.next();
  await live.state.results.report({
    task: a,
    service,
    resultKey: `ProtocolDAGResult-${"0".repeat(32)}`,
    ok: true,
    location: "somewhere",
    created: "2026-01-01T00:00:00.000000+00:00",
    failures: [],
    actor: { service },
  });
  await live.state.tasks.setStatuses([b], "deleted", { identity: "alice" });
  expect(await news.next()).toEqual({ lost: b, status: "deleted" });
  news.close();
});

test("ends with the registration", async () => {
  const service = await live.service();
  const [task] = (await claimed(service, 1)) as [ScopedKey];
  const news = await News.of(service);
  await news.next();
  await live.state.services.deregister(service, {});
  expect(await news.next()).toEqual({ lost: task, status: "waiting" });
  expect(await news.next()).toEqual({ registered: false });
  expect(await news.next()).toBeUndefined();
  const unknown = await News.of(service);
  expect(await unknown.next()).toEqual({ registered: false });
});

test("without a stream, the claims alone", async () => {
  const service = await live.service();
  const [task] = await claimed(service, 1);
  const ask = (of: string) =>
    fetch(`${live.compute}/v1/computeservices/${of}/claims`, { headers: { authorization: `Bearer ${live.token("compute")}` } });
  expect(await (await ask(service)).json()).toEqual({ claims: [{ task, actioned: true }] });
  expect((await ask(`nobody-${"0".repeat(32)}`)).status).toBe(409);
});

test("claims can be given back one by one, and those of others cannot", async () => {
  const service = await live.service();
  const other = await live.service();
  const tasks = (await claimed(service, 2)) as [ScopedKey, ScopedKey];
  const refused = await live.post("compute", `/v1/computeservices/${other}/release`, { tasks });
  expect(await refused.json()).toEqual({ released: [] });
  expect(await statuses(tasks)).toEqual(["running", "running"]);
  const reply = await live.post("compute", `/v1/computeservices/${service}/release`, { tasks: [tasks[0]], reason: "stopped" });
  expect(await reply.json()).toEqual({ released: [tasks[0]] });
  expect(await statuses(tasks)).toEqual(["waiting", "running"]);
  expect((await live.state.events.ofTask(tasks[0])).at(-1)).toMatchObject({ to: "waiting", reason: "stopped", service });
});
