/** Claims that wait, against real servers on both engines. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import { openStateStore } from "@alchemiscale/statestore";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { LiveServer } from "./live-server.ts";

const database = await createTestDatabase({ name: "waiting", prepare: async (url) => (await openStateStore(url)).close() });

interface Reply {
  readonly tasks: readonly ScopedKey[];
  readonly denied: boolean;
}

describe.each(["SQLite", "PostgreSQL"] as const)("on %s", (engine) => {
  if (engine === "PostgreSQL" && database === undefined) return test.skip("PostgreSQL is absent", () => {});
  let live: LiveServer;
  let network: ScopedKey;
  let transformation: ScopedKey;

  beforeAll(async () => {
    live = await LiveServer.start(engine === "PostgreSQL" && database !== undefined ? { stateUrl: database.url } : {});
    ({ network, transformation } = await live.network());
  });
  afterAll(async () => {
    await live?.stop();
    if (engine === "PostgreSQL") await database?.drop();
  });

  const anywhere = [{ org: null, campaign: null, project: null }];
  const ask = (service: ComputeServiceId, wait: number, more: object = {}, signal?: AbortSignal) =>
    live.post("compute", "/v1/claim", { scopes: anywhere, compute_service_id: service, count: 1, wait, ...more }, signal);
  const claim = async (...args: Parameters<typeof ask>): Promise<Reply> => {
    const reply = await ask(...args);
    if (reply.status !== 200) throw new Error(`${reply.status} ${await reply.text()}`);
    return (await reply.json()) as Reply;
  };
  const offer = async (count: number): Promise<ScopedKey[]> => {
    const tasks = await live.tasks(transformation, count);
    await live.state.hubs.action(network, tasks, null, { identity: "alice" });
    return tasks;
  };
  const statusOf = async (task: ScopedKey) => (await live.state.tasks.getStatuses([task]))[0];
  /** Resolved when so many claims wait in the server. */
  const waiting = (count: number) =>
    vi.waitFor(() => expect(live.server.waitingClaims).toBe(count), { timeout: 20_000, interval: 10 });

  test("what is there comes at once, and nothing where nothing comes until the end of the wait", async () => {
    const [task] = await offer(1);
    const service = await live.service();
    expect(await claim(service, 30)).toEqual({ tasks: [task], denied: false });
    expect(await claim(service, 0)).toEqual({ tasks: [], denied: false });
    const started = Date.now();
    expect(await claim(service, 0.5)).toEqual({ tasks: [], denied: false });
    expect(Date.now() - started).toBeGreaterThanOrEqual(480);
  });

  test("a Task that is offered, waits again, or has lost its parent's hold, wakes who waits", async () => {
    const service = await live.service();
    const first = claim(service, 20);
    await waiting(1);
    const [task] = (await offer(1)) as [ScopedKey];
    expect((await first).tasks).toEqual([task]);

    const second = claim(service, 20);
    await waiting(1);
    await live.state.tasks.setStatuses([task], "waiting", {});
    expect((await second).tasks).toEqual([task]);

    const [child] = await live.state.tasks.create([transformation], [task], null, {});
    await live.state.hubs.action(network, [child as ScopedKey], null, {});
    const third = claim(service, 20);
    await waiting(1);
    await live.result(task, transformation, null);
    expect((await third).tasks).toEqual([child]);

    const fourth = claim(service, 20);
    const [light] = await live.tasks(transformation, 1);
    await live.state.hubs.action(network, [light as ScopedKey], 0, {});
    await waiting(1);
    await live.state.hubs.action(network, [light as ScopedKey], 1, {});
    expect((await fourth).tasks).toEqual([light]);
  });

  test("first come, first served", async () => {
    const services = [await live.service(), await live.service(), await live.service()];
    const order: number[] = [];
    const claims: Promise<unknown>[] = [];
    for (const [i, service] of services.entries()) {
      claims.push(claim(service, 20).then(() => order.push(i)));
      await waiting(i + 1);
    }
    for (let i = 0; i < 3; i += 1) {
      await offer(1);
      await vi.waitFor(() => expect(order).toHaveLength(i + 1), { interval: 5, timeout: 10_000 });
    }
    expect(order).toEqual([0, 1, 2]);
    await Promise.all(claims);
  });

  test("500 wait at the cost of one look each; one Task wakes one of them, and many are given out to all, once", {
    timeout: 60_000,
  }, async () => {
    const services = await Promise.all(Array.from({ length: 500 }, () => live.service()));
    const spy = vi.spyOn(live.state.claims, "claim");
    const claims = services.map((service) => claim(service, 55));
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(500), { timeout: 20_000, interval: 10 });
    await waiting(500);
    await Promise.all(spy.mock.results.map((result) => result.value));
    spy.mockClear();
    const [one] = await offer(1);
    expect((await Promise.race(claims)).tasks).toEqual([one]);
    await waiting(499);
    expect(spy.mock.calls.length).toBeLessThan(8);
    const tasks = await offer(499);
    const got = (await Promise.all(claims)).flatMap((reply) => reply.tasks);
    expect(new Set(got)).toEqual(new Set([one, ...tasks]));
    expect(got).toHaveLength(500);
    expect(spy.mock.calls.length).toBeLessThan(560);
    spy.mockRestore();
  });

  test("only who may have it is woken: scopes, exclusions and Protocols", async () => {
    const [, , org, campaign, project] = network.split("-");
    const [a, b, c, d] = [await live.service(), await live.service(), await live.service(), await live.service()];
    const others = [
      claim(a, 3, { scopes: [{ org: "elsewhere", campaign: null, project: null }] }),
      claim(b, 3, { scopes_exclude: [{ org, campaign, project }] }),
      claim(c, 3, { protocols: ["NobodysProtocol"] }),
    ];
    const mine = claim(d, 20, { scopes: [{ org, campaign: null, project: null }] });
    await waiting(4);
    const [task] = await offer(1);
    expect((await mine).tasks).toEqual([task]);
    expect(await Promise.all(others)).toEqual(others.map(() => ({ tasks: [], denied: false })));
  });

  test("who hangs up is forgotten, and what he was given waits again", async () => {
    const service = await live.service();
    const gone = new AbortController();
    const hungUp = ask(service, 30, {}, gone.signal).catch(() => "gone");
    await waiting(1);
    gone.abort();
    expect(await hungUp).toBe("gone");
    await waiting(0);
    const [task] = (await offer(1)) as [ScopedKey];
    expect(await statusOf(task)).toBe("waiting");

    // The claim is made, and held up until its client has gone.
    const original = live.state.claims.claim;
    const { promise: made, resolve: onMade } = Promise.withResolvers<void>();
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const spy = vi.spyOn(live.state.claims, "claim").mockImplementationOnce(async (request) => {
      const claimed = await original(request);
      onMade();
      await held;
      return claimed;
    });
    const late = new AbortController();
    const lost = ask(service, 30, {}, late.signal).catch(() => "gone");
    await made;
    await waiting(1);
    expect(await statusOf(task)).toBe("running");
    late.abort();
    await lost;
    await waiting(0);
    letGo();
    await vi.waitFor(async () => expect(await statusOf(task)).toBe("waiting"), { interval: 20, timeout: 10_000 });
    spy.mockRestore();
    const events = await live.state.events.ofTask(task);
    expect(events.at(-1)).toMatchObject({ kind: "status", to: "waiting", reason: expect.stringContaining("went away") });
    expect((await claim(service, 5)).tasks).toEqual([task]);
  });

  test("a service that is not registered, or has failed too often, is told so at once", async () => {
    const unknown = await ask("nobody-00000000000000000000000000000009" as ComputeServiceId, 30);
    expect(unknown.status).toBe(409);
    expect(await unknown.json()).toMatchObject({ type: "urn:alchemiscale:problem:service-not-registered", status: 409 });
    const service = await live.service();
    for (const task of await live.tasks(transformation, 4)) {
      await live.state.results.reportFailure({ task, service, exception: "E", traceback: "t", actor: {} });
    }
    expect(await claim(service, 30)).toEqual({ tasks: [], denied: true });
    const first = claim(await live.service(), 2);
    await waiting(1);
    expect(await claim(service, 30)).toEqual({ tasks: [], denied: true });
    await first;
  });

  test("who has gone before his claim was begun is not waited for", async () => {
    const service = await live.service();
    const body = gzipSync(JSON.stringify({ scopes: anywhere, compute_service_id: service, count: 1, wait: 60 }));
    const head = [
      "POST /v1/claim HTTP/1.1",
      "host: x",
      `authorization: Bearer ${live.token("compute")}`,
      "content-type: application/json",
      "content-encoding: gzip",
      `content-length: ${body.length}`,
    ];
    const { hostname, port } = new URL(live.compute);
    // The end is there before the body has been unpacked, in a thread.
    const leave = async (): Promise<void> => {
      const socket = connect(Number(port), hostname);
      await once(socket, "connect");
      socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
      socket.resetAndDestroy();
      await once(socket, "close");
    };
    for (let round = 0; round < 20; round += 1) await Promise.all([leave(), leave(), leave()]);
    // An answer to a request that came later: all of them have been seen.
    expect((await claim(service, 0)).tasks).toEqual([]);
    await waiting(0);
  });

  test("bad requests are refused", async () => {
    const service = await live.service();
    for (const [wait, more] of [
      [61, {}],
      [-1, {}],
      ["soon", {}],
      [1, { count: 0 }],
      [1, { count: 1e9 }],
      [1, { protocols: [] }],
      [1, { scopes: "all" }],
    ] as const) {
      const reply = await ask(service, wait as number, more);
      expect([wait, more, reply.status, reply.headers.get("content-type")]).toEqual([
        wait,
        more,
        422,
        "application/problem+json",
      ]);
    }
  });

  test("several processes: a Task that another one offers wakes who waits here", { timeout: 60_000 }, async () => {
    const service = await live.service();
    const pending = claim(service, 30);
    await waiting(1);
    const [task] = await live.tasks(transformation, 1);
    const url = engine === "PostgreSQL" ? (database?.url ?? "") : live.stateUrl;
    const child = fork(new URL("./offering-process.ts", import.meta.url), [url, network, String(task)], { execArgv: [] });
    expect((await pending).tasks).toEqual([task]);
    if (child.exitCode === null) await once(child, "exit");
  });

  test("a server that stops answers who waits", async () => {
    const own = await LiveServer.start();
    const service = await own.service();
    const pending = own.post("compute", "/v1/claim", { scopes: anywhere, compute_service_id: service, count: 1, wait: 60 });
    await vi.waitFor(() => expect(own.server.waitingClaims).toBe(1), { interval: 10, timeout: 10_000 });
    const started = Date.now();
    await Promise.all([
      own.stop(),
      pending.then(async (reply) => expect(await reply.json()).toEqual({ tasks: [], denied: false })),
    ]);
    expect(Date.now() - started).toBeLessThan(3000);
  });
});
