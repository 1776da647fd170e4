import { type ComputeServiceId, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { forgedToken } from "./forged-token.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { smallNetwork } from "./session.ts";

let local: LocalServer;
beforeAll(async () => {
  local = await startLocalServer();
  await local.identity("admin", "root", "the root key");
});
afterAll(() => local.close());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
}

async function ask(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
  const token = forgedToken({ secret: local.secret, claims: { sub: "root", scopes: [], aud: "alchemiscale-admin" } });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const bytes = body === undefined ? null : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const reply = await exchange(method, `${local.user}/v1/admin${path}`, headers, bytes);
  return {
    status: reply.status,
    type: reply.headers["content-type"] ?? "",
    body: JSON.parse(reply.text) as Record<string, unknown>,
  };
}

describe("identities", () => {
  test("are added with scopes and an end, and told without their keys", async () => {
    const added = await ask("POST", "/identities", {
      type: "user",
      identifier: "ana/é ü",
      key: "k1",
      scopes: ["o-*-*", "a-b-c"],
      expires: "2040-01-02T03:04:05+01:00",
    });
    const facts = {
      type: "user",
      identifier: "ana/é ü",
      scopes: ["o-*-*", "a-b-c"],
      disabled: false,
      expires: "2040-01-02T02:04:05.000Z",
    };
    expect(added).toMatchObject({ status: 200, body: facts });
    const one = `/identities/user/${encodeURIComponent("ana/é ü")}`;
    expect((await ask("GET", one)).body).toEqual(facts);
    expect((await ask("POST", `${one}/expire`, { expires: null })).body).toEqual({ ...facts, expires: null });
    expect((await ask("POST", `${one}/disable`)).body).toMatchObject({ disabled: true });
    expect((await ask("POST", `${one}/remove`)).status).toBe(200);
    expect((await ask("GET", one)).status).toBe(404);
  });

  test("are listed a page at a time, of one type or of all", async () => {
    for (let i = 0; i < 7; i++) await ask("POST", "/identities", { type: "compute", identifier: `page ${i}`, key: "k" });
    const names: unknown[] = [];
    for (let after = ""; ; ) {
      const page = (await ask("GET", `/identities?type=compute&limit=3${after}`)).body as {
        identities: { identifier: string }[];
        next: string | null;
      };
      expect(page.identities.length).toBeLessThanOrEqual(3);
      names.push(...page.identities.map(({ identifier }) => identifier));
      if (page.next === null) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    expect(names).toEqual(Array.from({ length: 7 }, (_, i) => `page ${i}`));
  });

  test("that are changed leave a record of what, when and who", async () => {
    await ask("POST", "/identities", { type: "user", identifier: "recorded", key: "k" });
    await ask("POST", "/identities/user/recorded/scopes/add", { scopes: ["q-*-*"] });
    await ask("POST", "/identities/user/recorded/key", { key: "k2" });
    const { changes } = (await ask("GET", "/changes?limit=3")).body as { changes: Record<string, unknown>[] };
    expect(changes.map(({ identity, change, by }) => [identity, change, by])).toEqual([
      ["user/recorded", "given another key", "root"],
      ["user/recorded", "scopes added: q-*-*", "root"],
      ["user/recorded", "added", "root"],
    ]);
    expect(Date.parse(String(changes[0]?.at))).toBeGreaterThan(Date.now() - 60_000);
  });

  test.each<[string, "GET" | "POST", string, unknown, number, string]>([
    ["added twice", "POST", "/identities", { type: "admin", identifier: "root", key: "k" }, 409, "is there already"],
    ["without a key", "POST", "/identities", { type: "user", identifier: "x" }, 422, "Field required"],
    ["with an empty key", "POST", "/identities", { type: "user", identifier: "x", key: "" }, 422, "at least 1"],
    ["with an unusable key", "POST", "/identities", { type: "user", identifier: "x", key: "a\0b" }, 422, "NUL"],
    ["of no type", "POST", "/identities", { type: "robot", identifier: "x", key: "k" }, 422, "user"],
    ["with a line end in the name", "POST", "/identities", { type: "user", identifier: "a\nb", key: "k" }, 422, "control"],
    ["with a name too long", "POST", "/identities", { type: "user", identifier: "n".repeat(201), key: "k" }, 422, "200"],
    ["with a bad scope", "POST", "/identities", { type: "user", identifier: "x", key: "k", scopes: ["o-*-p"] }, 422, "hierarchy"],
    [
      "admins with scopes",
      "POST",
      "/identities",
      { type: "admin", identifier: "x", key: "k", scopes: ["*-*-*"] },
      422,
      "no scopes",
    ],
    ["with no instant", "POST", "/identities/admin/root/expire", { expires: "2040-01-02" }, 422, "2030-12-31T23:59:59Z"],
    ["that are not there", "POST", "/identities/user/nobody/enable", {}, 404, "there is no user identity"],
    ["of a type in the path that is none", "GET", "/identities/robot/x", undefined, 422, "user"],
    ["with a page that is none", "GET", "/identities?after=x", undefined, 422, "next"],
    ["with JSON that is none", "POST", "/identities", "{", 422, "JSON"],
  ])("%s: a problem that says so, and nothing changes", async (_what, method, path, body, status, said) => {
    const before = await local.stateStore.identities.describe({ limit: 1000 });
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.type).toContain("application/problem+json");
    expect(answer.body).toMatchObject({ status });
    expect(JSON.stringify(answer.body)).toContain(said);
    expect(await local.stateStore.identities.describe({ limit: 1000 })).toEqual(before);
  });
});

describe("services", () => {
  test("that an administrator ends give their Tasks back, and the log says who did it", async () => {
    const service = "svc-00000000000000000000000000000007";
    expect((await ask("POST", `/services/${service}/deregister`)).status).toBe(404);
    await local.identity("compute", "gpu", "the gpu key", ["*-*-*"]);
    const gpu = forgedToken({ secret: local.secret, claims: { sub: "gpu", scopes: ["*-*-*"], aud: "alchemiscale-compute" } });
    const register = (about: object) => {
      const headers = { authorization: `Bearer ${gpu}`, "content-type": "application/json" };
      return exchange("POST", `${local.compute}/computeservice/${service}/register`, headers, Buffer.from(JSON.stringify(about)));
    };
    const listed = async () => (await ask("GET", "/services")).body.services;
    expect((await register({ compute_manager_id: null })).status).toBe(200);
    expect(await listed()).toMatchObject([{ service, identity: "gpu", manager: null, host: null, versions: null, claims: 0 }]);
    const about = { host: "node1", versions: { executor: "python 0.2.0", gufe: "1.12.0", "o\u0000dd": "\ud800" } };
    expect((await register({ compute_manager_id: null, ...about })).status).toBe(200);
    expect(await listed()).toMatchObject([
      { service, ...about, versions: { ...about.versions, "o\u0000dd": expect.any(String) } },
    ]);
    for (const wrong of [
      { host: "h".repeat(256) },
      { versions: ["gufe"] },
      { versions: { gufe: 1 } },
      { versions: { gufe: "1".repeat(256) } },
      { versions: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, "1"])) },
    ]) {
      expect((await register(wrong)).status).toBe(422);
    }
    expect(await listed()).toMatchObject([about.host].map((host) => ({ host })));
    expect((await ask("POST", `/services/${service}/deregister`)).body).toEqual({ service });
    expect((await ask("GET", "/services")).body).toEqual({ services: [] });
    const [last] = (await local.stateStore.events.since(0)).slice(-1);
    expect(last).toMatchObject({ kind: "deregister", from: service, identity: "root", reason: expect.stringContaining("admin") });
  });

  test("leave a history of failures, a page at a time, or of one name", async () => {
    const { stateStore } = local;
    const alice = forgedToken({ secret: local.secret, claims: { sub: "alice", scopes: ["*-*-*"], aud: "alchemiscale-user" } });
    const submitted = { authorization: `Bearer ${alice}`, "content-type": "application/json" };
    expect((await exchange("POST", `${local.user}/networks`, submitted, smallNetwork())).status).toBe(200);
    const [transformation] = await stateStore.networks.queryTransformations({ scopes: [parseScope("*-*-*")] });
    const tasks = await stateStore.tasks.create(Array<ScopedKey>(3).fill(transformation as ScopedKey), null, "alice", {});
    const services = ["box", "box", "other"].map((name, i) => `${name}-0000000000000000000000000000000${i}` as ComputeServiceId);
    for (const [i, service] of services.entries()) {
      const host = i === 0 ? "node1" : null;
      await stateStore.services.register(service, { managerName: null, sentManagerKey: true, identity: "gpu", host });
      const failure = { task: tasks[i] as ScopedKey, service, exception: "ValueError", traceback: "…", actor: {} };
      await stateStore.results.reportFailure(failure);
      await stateStore.services.deregister(service, {});
    }
    const told = services.map((service, i) => ({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      service,
      name: service.split("-")[0],
      identity: "gpu",
      host: i === 0 ? "node1" : null,
      task: tasks[i],
    }));
    const newestFirst = [told[2], told[1], told[0]];
    expect((await ask("GET", "/failures")).body).toEqual({ failures: newestFirst, next: null });
    const first = (await ask("GET", "/failures?limit=2")).body;
    expect(first).toEqual({ failures: newestFirst.slice(0, 2), next: expect.any(Number) });
    expect((await ask("GET", `/failures?limit=2&before=${first.next}`)).body).toEqual({ failures: [told[0]], next: null });
    expect((await ask("GET", "/failures?name=box")).body).toMatchObject({ failures: [told[1], told[0]] });
    expect((await ask("GET", "/failures?name=nobody")).body).toEqual({ failures: [], next: null });
    expect((await ask("GET", "/failures?limit=0")).status).toBe(422);
    const asUser = await exchange("GET", `${local.user}/v1/admin/failures`, submitted, null);
    expect(asUser.status).toBe(401);
  });
});
