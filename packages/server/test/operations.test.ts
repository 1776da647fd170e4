import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { forgedToken } from "./forged-token.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { smallNetwork } from "./session.ts";

let lines: Record<string, unknown>[] = [];
const stream = {
  write(line: string) {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  },
};
let local: LocalServer;
beforeAll(async () => {
  local = await startLocalServer({ metrics: { port: 0, byScope: false }, log: { level: "debug", stream } });
  await local.identity("user", "alice", "alice's key", ["*-*-*"]);
});
afterAll(() => local.close());

const headers = (more: Record<string, string> = {}, sub = "alice") => ({
  authorization: `Bearer ${forgedToken({ secret: local.secret, claims: { sub, scopes: ["*-*-*"], aud: "alchemiscale-user" } })}`,
  "content-type": "application/json",
  ...more,
});
const requests = () => lines.filter(({ msg }) => msg === "request");

describe("the id of a request", () => {
  test("is the caller's, where it is a plain word", async () => {
    lines = [];
    const reply = await exchange("GET", `${local.user}/info`, headers({ "x-request-id": "trace-4711:a.b" }), null);
    expect(reply.headers["x-request-id"]).toBe("trace-4711:a.b");
    await expect.poll(requests).toHaveLength(1);
    expect(requests()[0]).toMatchObject({ request: "trace-4711:a.b", path: "/info", status: 200, identity: "alice", level: 20 });
  });

  test.each(["", "x".repeat(129), "a b", 'a"b', "é"])("is a new one for %j", async (given) => {
    const encoded = Buffer.from(given).toString("latin1");
    const reply = await exchange("GET", `${local.user}/info`, headers({ "x-request-id": encoded }), null);
    expect(reply.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("stands on every answer, also on refusals and unknown paths", async () => {
    for (const path of ["/nothing", "/networks/%zz", "/networks/"]) {
      const reply = await exchange("GET", `${local.user}${path}`, { "x-request-id": "mine" }, null);
      if (path !== "/networks/%zz") expect(reply.headers["x-request-id"]).toBe("mine");
      expect(reply.status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("a line for each request", () => {
  test("is at info where something changed or was refused, else at debug, and never holds the query", async () => {
    lines = [];
    await exchange("POST", `${local.user}/networks`, headers(), smallNetwork());
    await exchange("GET", `${local.user}/networks?name=abc`, headers(), null);
    await exchange("GET", `${local.user}/networks`, {}, null);
    await exchange("POST", `${local.user}/bulk/tasks/status/get`, headers(), Buffer.from('{"tasks": []}'));
    await expect.poll(requests).toHaveLength(4);
    expect(requests().map(({ level, path, status, identity }) => [level, path, status, identity])).toEqual([
      [30, "/networks", 200, "alice"],
      [20, "/networks", 200, "alice"],
      [30, "/networks", 401, null],
      [20, "/bulk/tasks/status/get", 200, "alice"],
    ]);
    expect(JSON.stringify(lines)).not.toContain("abc");
  });
});

describe("/metrics", () => {
  const metrics = async () => (await exchange("GET", local.server.metricsAddress ?? "", {}, null)).text;

  test("is on a port of 127.0.0.1 of its own, where nothing else is", async () => {
    expect(local.server.metricsAddress).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const origin = new URL(local.server.metricsAddress ?? "").origin;
    expect((await exchange("GET", `${origin}/ping`, {}, null)).status).toBe(404);
    expect((await exchange("POST", `${origin}/metrics`, {}, null)).status).toBe(404);
    expect((await exchange("GET", `${local.user}/metrics`, {}, null)).status).toBe(404);
  });

  test("counts and times requests by declared route, never by path", async () => {
    const [network] = JSON.parse((await exchange("GET", `${local.user}/networks`, headers(), null)).text) as string[];
    await exchange("GET", `${local.user}/networks/${network}/weight`, headers(), null);
    await exchange("GET", `${local.user}/no/such/route`, headers(), null);
    const text = await metrics();
    const labels = 'api="user",method="GET",route="/networks/:network/weight"';
    expect(text).toContain(`alchemiscale_http_requests_total{${labels},status="200"} 1`);
    expect(text).toContain(`alchemiscale_http_request_duration_seconds_count{${labels}} 1`);
    expect(text).toContain('route="(none)",status="404"');
    expect(text).not.toContain(network);
    expect(text).toContain("alchemiscale_http_requests_in_flight 0");
  });

  test("tells Tasks by status, services, claims, the lag of the event loop and memory", async () => {
    await local.stateStore.services.register("metered-00000000000000000000000000000001" as never, {
      managerName: null,
      sentManagerKey: true,
      identity: null,
    });
    const text = await metrics();
    for (const line of [
      'alchemiscale_tasks{status="waiting"} ',
      'alchemiscale_tasks{status="running"} ',
      "alchemiscale_claims ",
      "alchemiscale_compute_services_alive ",
      "alchemiscale_claimed_tasks_total ",
      "alchemiscale_state_store_up 1",
      "nodejs_eventloop_lag_seconds ",
      "process_resident_memory_bytes ",
    ])
      expect(text).toContain(line);
  });
});

test("a server that ends lets go of clients that keep their connections", async () => {
  const other = await startLocalServer();
  const reply = await exchange("GET", `${other.user}/ping`, { connection: "keep-alive" }, null);
  expect(reply.status).toBe(200);
  const start = performance.now();
  await other.close();
  expect(performance.now() - start).toBeLessThan(5000);
});
