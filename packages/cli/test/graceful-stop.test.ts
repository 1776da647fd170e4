import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { alchemiscale, endServers, harmonicNetwork, startServer, temporaryDirectory } from "./run-command.ts";

afterEach(endServers);

test("a server that is told to end finishes what it answers, ends what only waits, and exits with 0", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  const server = await startServer(data, {}, ["serve", "--api-port", "0", "--compute-api-port", "0", "--metrics-port", "0"]);
  const metrics = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(server.output())?.[0] ?? "";
  expect(await (await fetch(metrics)).text()).toContain("alchemiscale_state_store_up 1");
  const tokens = new Map<string, string>();
  for (const [type, address] of [
    ["user", server.userAddress],
    ["compute", server.computeAddress],
  ] as const) {
    const identity = ["-t", type, "-i", "ida", "--data", data];
    await alchemiscale(["identity", "add", ...identity, "-k", "her key"]);
    await alchemiscale(["identity", "add-scope", ...identity, "-s", "*-*-*"]);
    const form = new URLSearchParams({ username: "ida", password: "her key" });
    const reply = (await (await fetch(`${address}/token`, { method: "POST", body: form })).json()) as { access_token: string };
    tokens.set(type, reply.access_token);
  }
  const headers = (type: string) => ({ authorization: `Bearer ${tokens.get(type)}`, "content-type": "application/json" });
  const scope = { org: "o", campaign: "c", project: "p" };
  const submission = Buffer.from(
    `{"network": ${readFileSync(harmonicNetwork, "utf8")}, "scope": ${JSON.stringify(scope)}, "state": "active"}`,
  );
  const submitted = await fetch(`${server.userAddress}/networks`, {
    method: "POST",
    headers: headers("user"),
    body: new Uint8Array(submission),
  });
  const key = Object.values((await submitted.json()) as Record<string, string>).join("-");

  // What only waits: a stream of events, and a service that waits for Tasks.
  const events = await fetch(`${server.userAddress}/v1/networks/${key}/events`, {
    headers: { ...headers("user"), accept: "text/event-stream" },
  });
  expect(events.status).toBe(200);
  const stream = events.text();
  const service = "idle-00000000000000000000000000000001";
  const post = (path: string, body: object) =>
    fetch(`${server.computeAddress}${path}`, { method: "POST", headers: headers("compute"), body: JSON.stringify(body) });
  expect((await post(`/computeservice/${service}/register`, {})).status).toBe(200);
  const claim = post("/v1/claim", { scopes: [{}], compute_service_id: service, count: 1, wait: 60 });

  // What is being answered: a submission of which half has come.
  const { hostname, port } = new URL(server.userAddress);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = [
    "POST /networks HTTP/1.1",
    "Host: x",
    `Authorization: Bearer ${tokens.get("user")}`,
    "Content-Type: application/json",
    `Content-Length: ${submission.length}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.write(submission.subarray(0, 1000));
  const answer = buffer(socket);
  // The server has taken up all three when it counts them.
  await expect
    .poll(async () => /alchemiscale_http_requests_in_flight (\d+)/.exec(await (await fetch(metrics)).text())?.[1], {
      timeout: 10_000,
    })
    .toBe("3");

  const ended = server.end("SIGTERM");
  const claimed = await claim;
  expect(claimed.status).toBe(200);
  expect(await claimed.json()).toMatchObject({ denied: false });
  await stream;
  socket.write(submission.subarray(1000));
  expect((await answer).toString()).toMatch(/^HTTP\/1\.1 200 /);
  expect(await ended).toBe(0);
});
