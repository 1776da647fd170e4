/** Events of a Task and of a network: history, and what happens while somebody watches. */
import type { ScopedKey } from "@alchemiscale/contract";
import { openStateStore } from "@alchemiscale/statestore";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { EventSourceReader } from "./event-source.ts";
import { LiveServer } from "./live-server.ts";
import { login } from "./session.ts";

const database = await createTestDatabase({ name: "events", prepare: async (url) => (await openStateStore(url)).close() });
const eventStream = { accept: "text/event-stream" };

describe.each(["SQLite", "PostgreSQL"] as const)("on %s", (engine) => {
  if (engine === "PostgreSQL" && database === undefined) return test.skip("PostgreSQL is absent", () => {});
  let live: LiveServer;
  let network: ScopedKey;
  let transformation: ScopedKey;
  const controllers: AbortController[] = [];

  beforeAll(async () => {
    live = await LiveServer.start(engine === "PostgreSQL" && database !== undefined ? { stateUrl: database.url } : {});
    ({ network, transformation } = await live.network());
  });
  afterAll(async () => {
    for (const controller of controllers) controller.abort();
    await live?.stop();
    if (engine === "PostgreSQL") await database?.drop();
  });

  const watch = async (path: string, headers: Record<string, string> = {}) => {
    const controller = new AbortController();
    controllers.push(controller);
    const reply = await live.get(path, { ...eventStream, ...headers }, controller.signal);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    return { source: new EventSourceReader(reply), leave: () => controller.abort() };
  };
  const oneTask = async () => (await live.tasks(transformation, 1))[0] as ScopedKey;

  test("history comes page by page, the same as what a watcher gets after an id", async () => {
    const task = await oneTask();
    for (const status of ["running", "error", "waiting", "invalid"] as const)
      await live.state.tasks.setStatuses([task], status, {});
    const pages: Record<string, unknown>[] = [];
    for (let next: string | null = "0"; next !== null; ) {
      const page = (await (await live.get(`/v1/tasks/${task}/events?limit=2&after=${next}`)).json()) as {
        events: Record<string, unknown>[];
        next: string | null;
      };
      expect(page.events.length).toBeLessThanOrEqual(2);
      pages.push(...page.events);
      next = page.next;
    }
    expect(pages.map(({ kind, to }) => [kind, to])).toEqual([
      ["create", "waiting"],
      ["status", "running"],
      ["status", "error"],
      ["status", "waiting"],
      ["status", "invalid"],
    ]);
    expect(pages[0]).toMatchObject({ task, identity: "alice", at: expect.stringMatching(/^20.*\.\d{6}Z$/) });
    const { source, leave } = await watch(`/v1/tasks/${task}/events`, { "last-event-id": String(pages[0]?.id) });
    expect((await source.until(4)).map(({ data }) => data)).toEqual(pages.slice(1));
    leave();
    const ofNetwork = (await (await live.get(`/v1/networks/${network}/events`)).json()) as { events: { task: unknown }[] };
    expect(ofNetwork.events.filter((event) => event.task === task)).toEqual(pages);
  });

  test("a watcher of a Task hears what happens to it and nothing else; one of its network hears all", async () => {
    const [task, other] = await live.tasks(transformation, 2);
    const ofTask = await watch(`/v1/tasks/${task}/events`);
    const ofNetwork = await watch(`/v1/networks/${network}/events`);
    await live.state.tasks.setStatuses([other as ScopedKey], "invalid", {});
    await live.state.hubs.action(network, [task as ScopedKey], 0.5, { identity: "alice" });
    await live.state.networks.setWeights([network], [0.25], { identity: "alice" });
    const heard = await ofNetwork.source.until(3);
    expect(heard.map(({ event, data }) => [event, data.task])).toEqual([
      ["status", other],
      ["action", task],
      ["weight", null],
    ]);
    expect((await ofTask.source.until(1)).map(({ event }) => event)).toEqual(["action"]);
    ofTask.leave();
    ofNetwork.leave();
  });

  test("what another process writes is heard, too", async () => {
    const task = await oneTask();
    const { source, leave } = await watch(`/v1/tasks/${task}/events`);
    const url = engine === "PostgreSQL" ? (database?.url ?? "") : live.stateUrl;
    const elsewhere = await openStateStore(url);
    await elsewhere.tasks.setStatuses([task], "running", { identity: "elsewhere" });
    expect((await source.until(1))[0]?.data).toMatchObject({ to: "running", identity: "elsewhere" });
    await elsewhere.close();
    leave();
  });

  test("a watcher who was away takes up where he was, and misses nothing", async () => {
    const task = await oneTask();
    const first = await watch(`/v1/networks/${network}/events`);
    await live.state.tasks.setStatuses([task], "running", {});
    await first.source.until(1);
    first.leave();
    await live.state.tasks.setStatuses([task], "error", {});
    await live.state.tasks.setStatuses([task], "waiting", {});
    const again = await watch(`/v1/networks/${network}/events`, { "last-event-id": first.source.lastId });
    await live.state.tasks.setStatuses([task], "invalid", {});
    expect((await again.source.until(3)).map(({ data }) => data.to)).toEqual(["error", "waiting", "invalid"]);
    again.leave();
  });

  test("a burst greater than what is kept for watchers reaches all of them, in order and once", { timeout: 60_000 }, async () => {
    const watchers = await Promise.all(Array.from({ length: 10 }, () => watch(`/v1/networks/${network}/events`)));
    const tasks = await live.tasks(transformation, 2500);
    await live.state.tasks.setPriorities(tasks, 3n, {});
    for (const { source } of watchers) {
      const heard = await source.until(5000);
      expect(heard).toHaveLength(5000);
      expect(heard.every(({ id }, i) => i === 0 || Number(heard[i - 1]?.id) < Number(id))).toBe(true);
    }
    for (const { leave } of watchers) leave();
  });

  test("a change is read once, however many watch", async () => {
    const task = await oneTask();
    const watchers = await Promise.all(Array.from({ length: 200 }, () => watch(`/v1/networks/${network}/events`)));
    const reads = [
      vi.spyOn(live.state.events, "ofNetwork"),
      vi.spyOn(live.state.events, "ofTask"),
      vi.spyOn(live.state.events, "since"),
    ];
    await live.state.tasks.setStatuses([task], "running", {});
    await Promise.all(watchers.map(({ source }) => source.until(1)));
    expect(reads.reduce((sum, spy) => sum + spy.mock.calls.length, 0)).toBeLessThan(10);
    for (const spy of reads) spy.mockRestore();
    for (const { leave } of watchers) leave();
  });

  test("refusals: keys of another class, what is not there, what lies outside of the token, ids that are none", async () => {
    const [, , org, campaign, project] = network.split("-");
    const status = async (path: string, headers = {}) => (await live.get(path, { ...eventStream, ...headers })).status;
    expect(await status(`/v1/tasks/${network}/events`)).toBe(422);
    expect(await status(`/v1/networks/${transformation}/events`)).toBe(422);
    expect(await status(`/v1/tasks/Task-${"0".repeat(32)}-${org}-${campaign}-${project}/events`)).toBe(404);
    expect(await status(`/v1/networks/${network}/events?after=-1`)).toBe(422);
    expect(await status(`/v1/networks/${network}/events?limit=10001`)).toBe(422);
    expect(await status(`/v1/networks/${network}/events`, { "last-event-id": "abc" })).toBe(422);
    await live.identity("user", "bob", ["other-*-*"]);
    const token = await login(live.user, "bob", "bob's key");
    const denied = await fetch(`${live.user}/v1/networks/${network}/events`, {
      headers: { authorization: `Bearer ${token}`, ...eventStream },
    });
    expect(denied.status).toBe(401);
  });
});

test("streams end with the token that they were asked with, and with the server", async () => {
  const live = await LiveServer.start({ tokenSeconds: 2 });
  const { network } = await live.network();
  const first = new EventSourceReader(await live.get(`/v1/networks/${network}/events`, eventStream));
  await first.ended;
  await live.login();
  const second = new EventSourceReader(await live.get(`/v1/networks/${network}/events`, eventStream));
  const started = Date.now();
  await live.stop();
  await second.ended;
  expect(Date.now() - started).toBeLessThan(1500);
});
