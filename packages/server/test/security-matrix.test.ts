/**
 * Every declared route with every kind of credential. What must come of it follows from the route's permission, and is written once,
 * in `expectation`.
 */
import { type Api, computeRoutes, type Permission, type Route, type Scope, userRoutes } from "@alchemiscale/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exchange, type Received } from "./exchange.ts";
import { forgedToken } from "./forged-token.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { type KnownKeys, sampleManager, sampleRequest, sampleService } from "./sample-request.ts";
import { login, smallNetwork } from "./session.ts";

const routes: [string, Route][] = [...Object.entries(userRoutes), ...Object.entries(computeRoutes)].map(([name, route]) => [
  `${route.api} ${route.method} ${route.path} (${name})`,
  route,
]);

let local: LocalServer;
/** Where everything is. */
let scope = "";
let known: KnownKeys = {};
/** Texts that only those may see who have access to the scope. */
let hidden: string[] = [];

beforeAll(async () => {
  local = await startLocalServer();
  await local.identity("admin", "root", "the root key");
  const authorization = `Bearer ${good("user", ["*-*-*"])}`;
  const headers = { authorization, "content-type": "application/json" };
  const ask = async <T>(method: string, path: string, body?: Buffer | object): Promise<T> => {
    const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const reply = await exchange(method, `${local.user}${path}`, headers, bytes);
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.text}`);
    return JSON.parse(reply.text) as T;
  };
  await ask("POST", "/networks", smallNetwork());
  const [network = ""] = await ask<string[]>("GET", "/networks");
  const [transformation = ""] = await ask<string[]>("GET", "/transformations");
  const [chemicalsystem = ""] = await ask<string[]>("GET", "/chemicalsystems");
  const [task = ""] = await ask<string[]>("POST", `/transformations/${transformation}/tasks`, { count: 1 });
  await ask("POST", `/networks/${network}/tasks/action`, { tasks: [task] });
  scope = network.split("-").slice(2).join("-");
  const [{ hub = "" } = {}] = await local.stateStore.hubs.query({ scopes: ["*-*-*" as Scope] });
  const ref = `ProtocolDAGResultRef-ab-${scope}`;
  known = { network, transformation, chemicalsystem, task, hub, key: network, ref, status: "waiting", state: "active" };
  hidden = [network, transformation, chemicalsystem, task, hub].map((key) => key.split("-")[1] ?? "");
  expect(hidden.every((token) => token.length >= 32)).toBe(true);
});
afterAll(() => local.close());
// Some of the routes end them.
beforeEach(async () => {
  await local.stateStore.services.register(sampleService, { managerName: null, sentManagerKey: true, identity: null });
  await local.stateStore.managers.register(sampleManager, { steal: true, identity: null });
});

const good = (audience: "user" | "compute" | "admin", scopes: readonly string[], sub = "somebody") =>
  forgedToken({ secret: local.secret, claims: { sub, scopes, aud: `alchemiscale-${audience}` } });

const theOther = (api: Api): Api => (api === "user" ? "compute" : "user");

/** `nobody`: no valid token of this API. `admin`: of an administrator. Else the token is good, and covers the scope or not. */
type Kind = "nobody" | "outside" | "inside" | "admin";

interface Credential {
  readonly name: string;
  readonly kind: Kind;
  /** The header; undefined: none. */
  readonly header: (api: Api) => string | undefined;
}

const bearer = (
  claims: Record<string, unknown>,
  options: { secret?: string; alg?: "HS384" | "HS512" | "RS256" | "none" } = {},
) => {
  return (api: Api) =>
    `Bearer ${forgedToken({ secret: local.secret, ...options, claims: { aud: `alchemiscale-${api}`, scopes: ["*-*-*"], ...claims } })}`;
};
const granted = (...scopes: string[]) => bearer({ scopes });

const credentials: readonly Credential[] = [
  { name: "no header", kind: "nobody", header: () => undefined },
  { name: "an empty header", kind: "nobody", header: () => "" },
  { name: "another scheme", kind: "nobody", header: () => "Basic YWxpY2U6a2V5" },
  { name: "the bare word", kind: "nobody", header: () => "Bearer" },
  { name: "garbage", kind: "nobody", header: () => "Bearer garbage" },
  { name: "garbage of three parts", kind: "nobody", header: () => "Bearer e30.e30.e30" },
  { name: "an expired token", kind: "nobody", header: bearer({ exp: Math.floor(Date.now() / 1000) - 2 }) },
  { name: "a token without end", kind: "nobody", header: bearer({ exp: undefined }) },
  { name: "a token of nobody", kind: "nobody", header: bearer({ sub: undefined }) },
  { name: "an unsigned token", kind: "nobody", header: bearer({}, { alg: "none" }) },
  { name: "HS384", kind: "nobody", header: bearer({}, { alg: "HS384" }) },
  { name: "HS512", kind: "nobody", header: bearer({}, { alg: "HS512" }) },
  { name: "RS256", kind: "nobody", header: bearer({}, { alg: "RS256" }) },
  { name: "another secret", kind: "nobody", header: bearer({}, { secret: "the secret of another server" }) },
  { name: "the other API", kind: "nobody", header: (api) => bearer({ aud: `alchemiscale-${theOther(api)}` })(api) },
  { name: "no API", kind: "nobody", header: bearer({ aud: undefined }) },
  { name: "scopes that are none", kind: "nobody", header: bearer({ scopes: ["o-*-p"] }) },
  { name: "scopes that are a text", kind: "nobody", header: bearer({ scopes: "*-*-*" }) },
  { name: "no scopes member", kind: "nobody", header: bearer({ scopes: undefined }) },
  { name: "no scope", kind: "outside", header: granted() },
  { name: "another scope", kind: "outside", header: granted("x-y-z", "zz-*-*") },
  { name: "a scope beside it", kind: "outside", header: (api) => granted(scope.replace(/[^-]+$/, "beside"))(api) },
  { name: "the scope", kind: "inside", header: (api) => granted("x-y-z", scope)(api) },
  { name: "a covering scope", kind: "inside", header: (api) => granted(scope.replace(/-[^-]+-[^-]+$/, "-*-*"))(api) },
  { name: "every scope", kind: "inside", header: granted("*-*-*") },
  { name: "an administrator", kind: "admin", header: () => `Bearer ${good("admin", ["*-*-*"], "root")}` },
  { name: "an administrator who is none", kind: "nobody", header: () => `Bearer ${good("admin", ["*-*-*"], "somebody")}` },
];

/** `refused`: 401. `served`: whatever the request itself is worth. `blind`: served, and shows nothing of the scope. */
type Outcome = "refused" | "served" | "blind";

/** user-api §4 (K, A, N, Q, T), compute-api §1 (X, I, t), and the administrators. */
function expectation(permission: Permission, kind: Kind): Outcome {
  if (permission.kind === "none") return kind === "inside" ? "served" : "blind";
  if (permission.kind === "admin") return kind === "admin" ? "served" : "refused";
  if (kind === "nobody" || kind === "admin") return "refused";
  if (kind === "inside") return "served";
  switch (permission.kind) {
    case "path-keys":
    case "body-keys":
    case "body-scope":
      return "refused";
    case "token":
    case "body-keys-or-null":
    case "scopes-queried":
      return "blind";
  }
}

/** Whose answers are about what the scopes hold, and so are empty for whoever has none of it. */
function showsWhatIsInScope({ kind }: Permission): boolean {
  return kind === "body-keys-or-null" || kind === "scopes-queried";
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  if (typeof value !== "object") return false;
  // A manager is told how many Tasks there are, among what is no secret.
  if ("num_tasks" in value) return value.num_tasks === 0;
  return Object.values(value).every(isEmpty);
}

async function call(route: Route, authorization: string | undefined): Promise<Received> {
  const { path, headers, body } = sampleRequest(route, scope, known);
  const sent = authorization === undefined ? headers : { ...headers, authorization };
  const bytes = body === null ? null : Buffer.from(body);
  return await exchange(route.method, `${local[route.api]}${path}`, { accept: "application/json", ...sent }, bytes);
}

describe.each(routes)("%s", (_name, route) => {
  test("answers each credential as its permission says", async () => {
    for (const { name, kind, header } of credentials) {
      const outcome = expectation(route.permission, kind);
      const reply = await call(route, header(route.api));
      const told = `${name}: ${reply.status} ${reply.text.slice(0, 300)}`;
      expect(reply.status, told).toBeLessThan(500);
      expect(reply.status === 401, told).toBe(outcome === "refused");
      if (outcome !== "served") for (const text of hidden) expect(reply.text.includes(text), told).toBe(false);
      if (outcome === "blind" && reply.status === 200 && showsWhatIsInScope(route.permission)) {
        expect(isEmpty(JSON.parse(reply.text)), told).toBe(true);
      }
      if (outcome !== "refused") continue;
      expect(reply.headers["www-authenticate"], told).toBe("Bearer");
      const { detail } = JSON.parse(reply.text) as { detail: string };
      if (kind === "outside" && route.permission.kind !== "admin") expect(detail, told).toContain(scope);
      else expect(["Not authenticated", "Could not validate credentials"], told).toContain(detail);
      const type = route.errors === "problem" ? "application/problem+json" : "application/json";
      expect(reply.headers["content-type"], told).toContain(type);
    }
  });

  if (!route.path.includes(":")) return;
  test("does nothing with segments that are no names", async () => {
    const audience = route.permission.kind === "admin" ? "admin" : route.api;
    const headers = { authorization: `Bearer ${good(audience, ["*-*-*"], "root")}`, "content-type": "application/json" };
    const { body } = sampleRequest(route, scope, known);
    for (const segment of [
      "..%2f..%2f..%2f..%2fetc%2fpasswd",
      "%2e%2e",
      "..%5c..%5cwindows",
      "%2fetc%2fpasswd",
      "a%00b",
      "%ff%fe",
      `Task-${"a".repeat(3000)}-${scope}`,
      "Task-..-o-c-p",
      "__proto__",
    ]) {
      const path = route.path.replace(/:[A-Za-z]+/g, segment);
      const bytes = body === null ? null : Buffer.from(body);
      const reply = await exchange(route.method, `${local[route.api]}${path}`, headers, bytes);
      const told = `${segment.slice(0, 40)}: ${reply.status} ${reply.text.slice(0, 300)}`;
      expect(reply.status, told).toBeLessThan(500);
      expect(reply.text, told).not.toContain("root:");
    }
  });
});

describe("an identity that changes while its token lives", () => {
  const statusOf = async (path: string, token: string) =>
    (await exchange("GET", `${local.user}${path}`, { authorization: `Bearer ${token}` }, null)).status;
  const loginStatus = async (identifier: string, key: string, path = "/token") => {
    const form = Buffer.from(new URLSearchParams({ username: identifier, password: key }).toString());
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return (await exchange("POST", `${local.user}${path}`, type, form)).status;
  };
  const by = { identity: "root" };

  test.each<[string, (name: string) => Promise<unknown>]>([
    ["disabled", (name) => local.stateStore.identities.setDisabled("user", name, true, by)],
    ["expired", (name) => local.stateStore.identities.setExpires("user", name, (Date.now() - 1000) * 1000, by)],
    ["removed", (name) => local.stateStore.identities.remove("user", name, by)],
    ["without its scopes", (name) => local.stateStore.identities.removeScopes("user", name, ["*-*-*" as never], by)],
  ])("%s: the token holds until it expires, and there is no new one with the old rights", async (what, change) => {
    const name = `user-${what}`;
    await local.identity("user", name, "its key", ["*-*-*"]);
    const token = await login(local.user, name, "its key");
    await change(name);
    expect(await statusOf(`/exists/${known.network}`, token)).toBe(200);
    expect(await statusOf("/info", token)).toBe(200);
    if (what !== "without its scopes") expect(await loginStatus(name, "its key")).toBe(401);
    else expect(await statusOf(`/exists/${known.network}`, await login(local.user, name, "its key"))).toBe(401);
  });

  test.each<[string, (name: string) => Promise<unknown>]>([
    ["disabled", (name) => local.stateStore.identities.setDisabled("admin", name, true, by)],
    ["expired", (name) => local.stateStore.identities.setExpires("admin", name, (Date.now() - 1000) * 1000, by)],
    ["removed", (name) => local.stateStore.identities.remove("admin", name, by)],
  ])("%s administrator: the token is void at once", async (what, change) => {
    const name = `admin-${what}`;
    await local.identity("admin", name, "its key");
    expect(await loginStatus(name, "its key", "/v1/admin/token")).toBe(200);
    const token = good("admin", [], name);
    expect(await statusOf("/v1/admin/identities", token)).toBe(200);
    await change(name);
    expect(await statusOf("/v1/admin/identities", token)).toBe(401);
    expect(await loginStatus(name, "its key", "/v1/admin/token")).toBe(401);
  });

  test("an identity logs in where it belongs, and nowhere else", async () => {
    for (const type of ["user", "compute", "admin"] as const) await local.identity(type, `only-${type}`, `key of ${type}`);
    const places = { user: `${local.user}/token`, compute: `${local.compute}/token`, admin: `${local.user}/v1/admin/token` };
    for (const type of ["user", "compute", "admin"] as const) {
      for (const [place, url] of Object.entries(places)) {
        const form = Buffer.from(new URLSearchParams({ username: `only-${type}`, password: `key of ${type}` }).toString());
        const reply = await exchange("POST", url, { "content-type": "application/x-www-form-urlencoded" }, form);
        expect({ type, place, status: reply.status }).toEqual({ type, place, status: type === place ? 200 : 401 });
      }
    }
  });
});
