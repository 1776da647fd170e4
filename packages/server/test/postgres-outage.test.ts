/** A server on a PostgreSQL that goes away and comes back: nothing is half done, clients hear 503, and nobody has to restart anything. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseComputeServiceId, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { type NetworkSubmission, openStateStore, type StateStore } from "@alchemiscale/statestore";
import { Client } from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startRestartablePostgresql } from "../../../scripts/test-services/postgresql.ts";
import { ServiceAbsent } from "../../../scripts/test-services/test-service.ts";
import { createServer, hashKey, type Server } from "../src/index.ts";

const postgresql = await startRestartablePostgresql().catch((error) => {
  if (error instanceof ServiceAbsent && process.env.CI !== "true") return undefined;
  throw error;
});

const object = (qualname: string, references: readonly string[], height: number) => ({
  key: `${qualname}-${"0".repeat(32)}`,
  qualname,
  module: "sample",
  text: "{}",
  references,
  height,
});
const [system, protocol] = [object("ChemicalSystem", [], 0), object("DummyProtocol", [], 0)];
const edge = object("Transformation", [system.key, protocol.key], 1);
const whole = object("AlchemicalNetwork", [edge.key], 2);
const submission: NetworkSubmission = {
  scope: parseScope("o-c-p"),
  state: "active",
  entries: [system, protocol, edge, whole],
  network: { key: whole.key, name: null },
  systems: [{ key: system.key, name: null }],
  transformations: [
    {
      key: edge.key,
      qualname: "Transformation",
      name: null,
      stateA: system.key,
      stateB: system.key,
      protocolKey: protocol.key,
      protocolQualname: protocol.qualname,
    },
  ],
};

describe.skipIf(postgresql === undefined)("a server whose PostgreSQL", () => {
  const url = postgresql?.url ?? "";
  const halt = async (how: "stop" | "kill") => postgresql?.halt(how);
  const resume = async () => postgresql?.resume();
  let folder: string;
  let stateStore: StateStore;
  let server: Server;
  let token: string;
  let transformation: ScopedKey;
  let network: ScopedKey;
  let hub: ScopedKey;
  const service = parseComputeServiceId("box-00000000000000000000000000000001");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "alchemiscale-outage-"));
    stateStore = await openStateStore(url);
    for (const type of ["user", "compute"] as const) {
      await stateStore.identities.put(type, "me", await hashKey("my key"));
      await stateStore.identities.addScopes(type, "me", [parseScope("*-*-*")]);
    }
    server = createServer({
      stateStore,
      objectStore: await openObjectStore(`file:${folder}/objects`),
      jwtSecret: "a secret of the test of outages",
      logger: pino({ level: "silent" }),
      bindings: { user: { host: "127.0.0.1", port: 0 }, compute: { host: "127.0.0.1", port: 0 } },
    });
    await server.listen();
    const login = await fetch(`${server.computeAddress}/token`, loginForm());
    token = ((await login.json()) as { access_token: string }).access_token;
    ({ network, hub } = await stateStore.networks.submit(submission, {}));
    [transformation] = (await stateStore.networks.transformationsOf(network)) as [ScopedKey];
    await compute(`/computeservice/${service}/register`, { compute_manager_id: null });
  });
  afterAll(async () => {
    await server.close();
    await stateStore.close();
    await postgresql?.stop();
    await rm(folder, { recursive: true });
  });

  const loginForm = () => ({ method: "POST", body: new URLSearchParams({ username: "me", password: "my key" }) });
  const compute = (path: string, body?: unknown) =>
    fetch(`${server.computeAddress}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const claim = () => compute(`/taskhubs/${hub}/claim`, { compute_service_id: service, count: 1, protocols: null });
  const recovered = () =>
    vi.waitFor(async () => expect((await compute("/check")).status).toBe(200), { timeout: 20_000, interval: 50 });
  const unavailable = async (reply: Response) => {
    expect(reply.status).toBe(503);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(reply.headers.get("content-type")).toContain("application/json");
    const { detail } = (await reply.json()) as { detail: string };
    expect(detail).toEqual(expect.any(String));
    expect(detail).not.toMatch(/127\.0\.0\.1|postgres:/i);
    return detail;
  };

  test("is stopped answers 503 with a time to ask again, and /ping as ever; after a start all is well by itself", {
    timeout: 60_000,
  }, async () => {
    for (const how of ["stop", "kill"] as const) {
      await recovered();
      await halt(how);
      expect(await (await compute("/ping")).json()).toEqual({ api: "AlchemiscaleComputeAPI" });
      expect(await unavailable(await compute("/check"))).toBe(
        "Attempt to reach services failed, state store reachable: false, object store reachable: true",
      );
      await unavailable(await claim());
      await unavailable(await compute(`/computeservice/${service}/heartbeat`, {}));
      await unavailable(await fetch(`${server.userAddress}/token`, loginForm()));
      await resume();
      await recovered();
      expect((await claim()).status).toBe(200);
    }
    await vi.waitFor(async () => expect(await stateStore.processes.list()).toHaveLength(1), { timeout: 20_000 });
  });

  test("is killed, and whose connections are cut, in the middle of work leaves nothing half done and nothing acknowledged undone", {
    timeout: 90_000,
  }, async () => {
    await recovered();
    const acknowledged = { created: [] as ScopedKey[], actioned: [] as ScopedKey[], claimed: [] as string[] };
    const outcomes = { done: 0, unavailable: 0 };
    let over = false;
    const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        const value = await work();
        outcomes.done += 1;
        return value;
      } catch (error) {
        expect(error).toMatchObject({ name: "StateStoreUnavailable" });
        outcomes.unavailable += 1;
        // As a client that was told when to ask again.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return undefined;
      }
    };
    const producer = async () => {
      while (!over) {
        const created = await attempt(() => stateStore.tasks.create(Array(20).fill(transformation), null, "me", {}));
        if (created === undefined) continue;
        acknowledged.created.push(...created);
        if ((await attempt(() => stateStore.hubs.action(network, created, null, {}))) !== undefined)
          acknowledged.actioned.push(...created);
      }
    };
    const claimer = async () => {
      while (!over) {
        const reply = await claim();
        if (reply.status === 503) await unavailable(reply);
        else for (const task of (await reply.json()) as (string | null)[]) if (task !== null) acknowledged.claimed.push(task);
      }
    };
    const work = [producer(), producer(), claimer(), claimer()];
    const cut = async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'alchemiscale'");
      await client.end();
    };
    const busy = async () => {
      const before = outcomes.done;
      await vi.waitFor(() => expect(outcomes.done).toBeGreaterThan(before + 10), { timeout: 20_000, interval: 5 });
    };
    for (let i = 0; i < 5; i++) {
      await busy();
      await cut();
    }
    await busy();
    await halt("kill");
    await resume();
    await busy();
    over = true;
    await Promise.all(work);
    expect(outcomes.unavailable).toBeGreaterThan(0);

    const statuses = await stateStore.tasks.getStatuses(acknowledged.created);
    expect(statuses.every((status) => status === "waiting" || status === "running")).toBe(true);
    // All or nothing: Tasks come by twenty, also those whose acknowledgement was lost.
    expect((await stateStore.tasks.ofNetwork(network)).length % 20).toBe(0);
    expect(new Set(acknowledged.claimed).size).toBe(acknowledged.claimed.length);
    for (const task of acknowledged.claimed) expect(await stateStore.claims.holder(task as ScopedKey)).toMatchObject({ service });
    const [weights] = await stateStore.hubs.actionedTasks([network]);
    expect(acknowledged.actioned.every((task) => weights?.has(task))).toBe(true);
    // The log tells each claim once.
    const { events } = stateStore;
    const running = await stateStore.tasks.ofNetwork(network, "running");
    const told: ScopedKey[] = [];
    for (let after = 0; ; ) {
      const page = await events.ofNetwork(network, after, 10_000);
      if (page.length === 0) break;
      told.push(...page.flatMap(({ kind, task }) => (kind === "claim" && task !== null ? [task] : [])));
      after = page.at(-1)?.id ?? after;
    }
    expect([...told].sort()).toEqual([...running].sort());
  });
});
