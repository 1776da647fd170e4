import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scenarioFile } from "../../../scripts/recorded-scenarios/scenario.ts";
import { exchange } from "./exchange.ts";
import { Session, smallNetwork } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await Session.open({ maxBodyBytes: 100_000, maxTasksPerCall: 1000 });
});
afterAll(() => session.server.stop());

/** Sends the text of a request and gives the text of the answer: for what HTTP libraries would tidy up. */
async function raw(api: "user" | "compute", lines: string[]): Promise<string> {
  const { hostname, port } = new URL(session.server[api]);
  const socket = connect(Number(port), hostname);
  socket.write(`${lines.join("\r\n")}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

describe("compressed replies", () => {
  const longReply = async (headers: string[]) => {
    await session.post("user", "/networks", smallNetwork());
    const [transformation] = JSON.parse((await session.get("user", "/transformations")).text) as string[];
    const authorization = `Authorization: ${session.authorization("user").authorization}`;
    return await raw("user", [`GET /transformations/${transformation} HTTP/1.1`, authorization, ...headers]);
  };

  test.each<[string, string[], boolean]>([
    ["the header names gzip", ["Accept-Encoding: gzip, deflate"], true],
    ["the header is empty", ["Accept-Encoding: "], false],
    ["there is none", [], false],
    ["the first of two lines is empty", ["Accept-Encoding: ", "Accept-Encoding: gzip"], false],
    ["the first of two lines names gzip", ["Accept-Encoding: gzip", "Accept-Encoding: br"], true],
    ["only others are named", ["Accept-Encoding: br, zstd"], false],
  ])("where %s", async (_what, headers, compressed) => {
    const answer = await longReply(headers);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toLowerCase().includes("content-encoding: gzip")).toBe(compressed);
    expect(answer.toLowerCase()).toContain("vary: accept-encoding");
  });

  test("not below 1000 bytes", async () => {
    const { headers } = await session.get("user", "/info", { "accept-encoding": "gzip" });
    expect(headers["content-encoding"]).toBeUndefined();
  });

  test.each([
    [999, undefined],
    [1000, "gzip"],
  ])("a reply of %i bytes: %s", async (bytes, encoding) => {
    const tasks = Array.from({ length: (bytes - (bytes % 5)) / 5 }, () => "Task-ab-o-c-p");
    // [null,null,…] has five bytes an entry and one for the last bracket; one more entry makes up for the rest.
    const padded = bytes % 5 === 0 ? tasks.slice(0, -1) : tasks;
    const reply = await session.post("user", "/bulk/tasks/status/get", { tasks: padded }, { "accept-encoding": "gzip" });
    const size = reply.text.length;
    expect(reply.headers["content-encoding"]).toBe(size >= 1000 ? "gzip" : undefined);
    expect(Math.abs(size - bytes)).toBeLessThan(5);
    if (size >= 1000) expect(encoding).toBe("gzip");
  });
});

describe("bodies", () => {
  const path = "/bulk/tasks/status/get";

  test.each<[string, Record<string, string>, number]>([
    ["plain JSON", {}, 200],
    ["a charset", { "content-type": "application/json; charset=utf-8" }, 200],
    ["another JSON type", { "content-type": "application/vnd.api+json" }, 200],
    ["another type", { "content-type": "text/plain" }, 422],
    ["a type that is none", { "content-type": "garbage" }, 422],
    ["gzip in capitals that is none", { "content-encoding": "GZIP" }, 400],
  ])("%s", async (_what, headers, status) => {
    expect((await session.post("user", path, { tasks: [] }, headers)).status).toBe(status);
  });

  test("gzip in any letter case", async () => {
    const body = gzipSync(JSON.stringify({ tasks: [] }));
    for (const encoding of ["gzip", "GZip"]) {
      expect((await session.post("user", path, body, { "content-encoding": encoding })).status).toBe(200);
    }
  });

  test.each<[string, Buffer, Record<string, string>]>([
    ["plain", Buffer.from(JSON.stringify({ tasks: [], pad: "x".repeat(200_000) })), {}],
    ["gzip", gzipSync(JSON.stringify({ tasks: [], pad: "x".repeat(200_000) })), { "content-encoding": "gzip" }],
  ])("above the limit are refused: %s", async (_what, body, headers) => {
    const reply = await session.post("user", path, body, headers);
    expect(reply.status).toBe(413);
    expect(reply.text).toContain("100000");
  });

  test("integers beyond 2⁵³ keep every digit, both ways", async () => {
    const task = await session.task();
    const priority = "9223372036854775807";
    const set = await session.post(
      "user",
      "/bulk/tasks/priority/set",
      Buffer.from(`{"tasks": ["${task}"], "priority": ${priority}}`),
    );
    expect(JSON.parse(set.text)).toEqual([task]);
    expect((await session.post("user", "/bulk/tasks/priority/get", { tasks: [task] })).text).toBe(`[${priority}]`);
  });

  test("NaN is JSON here as it is to Python, and no weight", async () => {
    await session.post("user", "/networks", smallNetwork());
    const [network] = JSON.parse((await session.get("user", "/networks")).text) as string[];
    const reply = await session.post("user", `/networks/${network}/weight`, Buffer.from("NaN"));
    expect(reply.status).toBe(400);
  });
});

describe("routes", () => {
  test.each([
    ["GET", "/nothing", 404, { detail: "Not Found" }],
    ["GET", "/networks/", 404, { detail: "Not Found" }],
    ["GET", "/Networks", 404, { detail: "Not Found" }],
    ["DELETE", "/networks", 405, { detail: "Method Not Allowed" }],
    ["OPTIONS", "/networks", 405, { detail: "Method Not Allowed" }],
    ["POST", "/ping", 405, { detail: "Method Not Allowed" }],
  ])("%s %s: %i", async (method, path, status, body) => {
    const reply = await exchange(method, `${session.server.user}${path}`, session.authorization("user"), null);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toEqual(body);
    if (status === 405) expect(reply.headers.allow).toBeTruthy();
  });

  test("a path that cannot be decoded is refused", async () => {
    const reply = await session.get("user", "/networks/%zz");
    expect(reply.status).toBe(400);
    expect(reply.headers["content-type"]).toContain("application/json");
  });

  test("a route that is still to be written says so, and is not retried", async () => {
    await session.post("user", "/networks", smallNetwork());
    const [network] = JSON.parse((await session.get("user", "/networks")).text) as string[];
    const reply = await session.get("user", `/networks/${network}/strategy`);
    expect([200, 501]).toContain(reply.status);
    if (reply.status === 501) expect(JSON.parse(reply.text)).toEqual({ detail: expect.stringContaining("not implement") });
  });

  test("more tasks than one call may create are refused before any is made", async () => {
    const task = await session.task();
    const transformation = JSON.parse((await session.get("user", `/tasks/${task}/transformation`)).text) as string;
    const before = JSON.parse((await session.get("user", `/transformations/${transformation}/tasks`)).text) as string[];
    const reply = await session.post("user", `/transformations/${transformation}/tasks`, { count: 1_000_000_000_000 });
    expect(reply.status).toBe(400);
    expect(JSON.parse((await session.get("user", `/transformations/${transformation}/tasks`)).text)).toHaveLength(before.length);
  });
});

describe("logins", () => {
  const tokenOf = (body: Buffer, type: string) =>
    exchange("POST", `${session.server.user}/token`, { "content-type": type }, body);

  test("as a form, or as multipart", async () => {
    const form = new FormData();
    form.set("username", "alice");
    form.set("password", "alice's key");
    const encoded = new Response(form);
    const multipart = await tokenOf(Buffer.from(await encoded.arrayBuffer()), encoded.headers.get("content-type") ?? "");
    expect(multipart.status).toBe(200);
    expect(
      (await tokenOf(Buffer.from("username=alice&password=alice%27s+key"), "application/x-www-form-urlencoded")).status,
    ).toBe(200);
  });

  test("broken multipart lacks its fields", async () => {
    expect((await tokenOf(Buffer.from("--x\r\nnonsense"), "multipart/form-data; boundary=x")).status).toBe(422);
  });

  test("an unknown identity costs as much as a wrong key", async () => {
    // Another key each time: what a key was found to be is remembered.
    let guess = 0;
    const time = async (identifier: string) => {
      const start = performance.now();
      const reply = await tokenOf(
        Buffer.from(`username=${identifier}&password=wrong-${guess++}`),
        "application/x-www-form-urlencoded",
      );
      expect(reply.status).toBe(401);
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 4; i++) {
      known.push(await time("alice"));
      unknown.push(await time(`nobody${i}`));
    }
    // The fastest of each: what other processes take of the machine is not counted.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

describe("a failure before there is a ProtocolDAG", () => {
  const body = {
    compute_service_id: "svc-00000000000000000000000000000001",
    exception: "ImportError: no openfe",
    traceback: "Traceback …",
  };

  test("ends the task in error", async () => {
    const task = await session.task();
    const [network] = JSON.parse((await session.get("user", "/networks")).text) as string[];
    await session.post("user", `/networks/${network}/tasks/action`, { tasks: [task] });
    await session.post("compute", `/computeservice/${body.compute_service_id}/register`, { compute_manager_id: null });
    const claimed = await session.post("compute", "/claim", {
      scopes: [{}],
      compute_service_id: body.compute_service_id,
      count: 1,
      scopes_exclude: null,
    });
    const [claim] = JSON.parse(claimed.text) as [string];
    const reply = await session.post("compute", `/v1/tasks/${claim}/failure`, body);
    expect(reply.status).toBe(200);
    expect(JSON.parse((await session.post("user", "/bulk/tasks/status/get", { tasks: [claim] })).text)).toEqual(["error"]);
  });

  test("its own errors are problem details", async () => {
    const reply = await session.post("compute", "/v1/tasks/Task-ab-o-c-p/failure", body);
    expect(reply.status).toBe(422);
    expect(reply.headers["content-type"]).toContain("application/problem+json");
    expect(JSON.parse(reply.text)).toMatchObject({ status: 422, detail: expect.stringContaining("Task-ab-o-c-p") });
  });
});

describe("a client that goes away in the middle of a result", () => {
  test("leaves nothing behind, and the server goes on", async () => {
    const task = await session.task();
    const { hostname, port } = new URL(session.server.compute);
    const bytes = scenarioFile("files/8ce547eeb2d11c4307f016eae32a07fbd4abb6c86c80d2ba26fc64661add95c5.json");
    for (let i = 0; i < 5; i++) {
      const socket = connect(Number(port), hostname);
      const authorization = `Authorization: ${session.authorization("compute").authorization}`;
      const head = [
        `POST /tasks/${task}/results HTTP/1.1`,
        "Host: x",
        authorization,
        `Content-Length: ${bytes.length}`,
        "Content-Type: application/json",
        "",
        "",
      ];
      socket.write(head.join("\r\n"));
      socket.write(bytes.subarray(0, 2000));
      await once(socket, "connect");
      socket.destroy();
    }
    expect(JSON.parse((await session.get("user", `/tasks/${task}/results`)).text)).toEqual([]);
    const reply = await session.post("compute", `/tasks/${task}/results`, bytes);
    expect(reply.status).toBe(200);
    expect(JSON.parse((await session.get("user", `/tasks/${task}/results`)).text)).toHaveLength(1);
  });
});
