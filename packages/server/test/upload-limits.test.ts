import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createZstdCompress, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scenarioFile } from "../../../scripts/recorded-scenarios/scenario.ts";
import { exchange } from "./exchange.ts";
import { forgedToken } from "./forged-token.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { smallNetwork } from "./session.ts";

const patienceSeconds = 1;
let local: LocalServer;
/** Where the server puts files aside. */
let spool: string;
let task = "";
const outerTmp = process.env.TMPDIR;
const result = scenarioFile("files/8ce547eeb2d11c4307f016eae32a07fbd4abb6c86c80d2ba26fc64661add95c5.json");

beforeAll(async () => {
  spool = await mkdtemp(join(tmpdir(), "alchemiscale-spool-"));
  process.env.TMPDIR = spool;
  local = await startLocalServer({ limits: { uploadPatienceSeconds: patienceSeconds, maxResultBytes: 8 * 1024 ** 2 } });
  const submitted = await post("user", "/networks", smallNetwork());
  expect(submitted.status).toBe(200);
  const [transformation] = JSON.parse((await get("user", "/transformations")).text) as string[];
  const created = await post("user", `/transformations/${transformation}/tasks`, Buffer.from('{"count": 1}'));
  task = (JSON.parse(created.text) as [string])[0];
});
afterAll(async () => {
  await local.close();
  if (outerTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = outerTmp;
  await rm(spool, { recursive: true, force: true });
});

const token = (api: "user" | "compute") =>
  forgedToken({ secret: local.secret, claims: { scopes: ["*-*-*"], aud: `alchemiscale-${api}` } });
const headersFor = (api: "user" | "compute") => ({ authorization: `Bearer ${token(api)}`, "content-type": "application/json" });
const post = (api: "user" | "compute", path: string, body: Buffer, headers: Record<string, string> = {}) =>
  exchange("POST", `${local[api]}${path}`, { ...headersFor(api), ...headers }, body);
const get = (api: "user" | "compute", path: string) => exchange("GET", `${local[api]}${path}`, headersFor(api), null);

/** A connection on which a request has begun: its head, and `sent` bytes of a body of `length`. */
async function begun(
  api: "user" | "compute",
  path: string,
  sent: Uint8Array,
  length: number,
  head: string[] = [],
): Promise<Socket> {
  const { hostname, port } = new URL(local[api]);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const lines = [`POST ${path} HTTP/1.1`, "Host: x", `Authorization: Bearer ${token(api)}`, `Content-Length: ${length}`, ...head];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  if (sent.length > 0) socket.write(sent);
  return socket;
}

/** Files that the server has put aside: beside the system's, and in the directory of objects. */
function putAside(): string[] {
  const objects = join(local.folder, "objects");
  const all = existsSync(objects) ? readdirSync(objects, { recursive: true, withFileTypes: true }) : [];
  return [...spooled(), ...all.filter((entry) => entry.isFile() && !entry.name.endsWith("obj.json.zst")).map(({ name }) => name)];
}

/** Files of the server that this process has open. */
function openObjects(): string[] {
  return openFiles().filter((link) => link.startsWith(join(local.folder, "objects")));
}

/** What waits beside the system's files has no name any more, and is there for as long as it is open. */
function spooled(): string[] {
  return openFiles().filter((link) => link.startsWith(spool) && link.includes(".spool"));
}

function openFiles(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return "";
    }
  });
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A post of a result whose frame does not say how long its content is, as streams write it: the server must put it aside. */
async function unsizedResult(): Promise<Buffer> {
  const stream = createZstdCompress();
  const inner = buffer(stream);
  // Noise, so that it is long also when compressed.
  // In two pieces: a frame that is made of one knows its size.
  stream.write(`[["Noise-${"0".repeat(32)}", {"noise": "`);
  stream.end(`${randomBytes(600_000).toString("base64")}"}]]`);
  const outer = zstdCompressSync(await inner);
  return Buffer.from(
    `{"compute_service_id": "s-00000000000000000000000000000001", "protocoldagresult": {"latin-1": ${JSON.stringify(outer.toString("latin1"))}}}`,
  );
}

describe.concurrent("a sender that is too slow", () => {
  test.each<["user" | "compute", string, () => string, string[]]>([
    ["user", "a short body", () => "/bulk/tasks/status/get", ["Content-Type: application/json"]],
    ["user", "a login", () => "/token", ["Content-Type: application/x-www-form-urlencoded"]],
    ["user", "a network", () => "/networks", ["Content-Type: application/json"]],
    [
      "user",
      "a body announced as gzip",
      () => "/bulk/tasks/status/get",
      ["Content-Type: application/json", "Content-Encoding: gzip"],
    ],
    ["compute", "a result", () => `/tasks/${task}/results`, ["Content-Type: application/json"]],
    ["compute", "a gzipped result", () => `/tasks/${task}/results`, ["Content-Type: application/json", "Content-Encoding: gzip"]],
  ])("%s API, %s: is answered 408 and loses the connection", async (api, _what, path, head) => {
    const gzipped = head.some((line) => line.includes("gzip"));
    const socket = await begun(api, path(), gzipped ? gzipSync("{").subarray(0, 5) : Buffer.from("{"), 50_000, head);
    const start = performance.now();
    // A byte now and then does not help.
    const drip = setInterval(() => gzipped || socket.write(" "), 50);
    const answer = await buffer(socket).finally(() => clearInterval(drip));
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 .*connection: close.*too slowly/is);
    expect(performance.now() - start).toBeGreaterThan(patienceSeconds * 900);
  });

  test("is not who stays above 16 KiB in that time, however long it takes in all", async () => {
    const body = Buffer.from(JSON.stringify({ tasks: [], padding: "x".repeat(120_000) }));
    const socket = await begun("user", "/bulk/tasks/status/get", Buffer.alloc(0), body.length, [
      "Content-Type: application/json",
      "Connection: close",
    ]);
    const answer = buffer(socket);
    const start = performance.now();
    for (let at = 0; at < body.length; at += 20_000) {
      socket.write(body.subarray(at, at + 20_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect((await answer).toString()).toMatch(/^HTTP\/1\.1 200/);
    expect(performance.now() - start).toBeGreaterThan(patienceSeconds * 1000);
  });

  test("also after a refusal, which does not wait for the body", async () => {
    const socket = await begun("user", "/networks", Buffer.alloc(0), 10_000_000_000, ["Content-Type: application/json"]);
    const answer = (await buffer(socket)).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
  });
});

describe.runIf(process.platform === "linux")("nothing is kept", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["slow, to the end of the server's patience", () => {}],
    ["broken off", (socket) => socket.destroy()],
    ["broken off with a reset", (socket) => socket.resetAndDestroy()],
  ])("of a result that is %s", async (_how, end) => {
    const body = await unsizedResult();
    // The thread that unpacks is there, so that the five begin at once.
    expect((await post("compute", `/tasks/${task}/results`, result)).status).toBe(200);
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () =>
        begun("compute", `/tasks/${task}/results`, body.subarray(0, body.length >> 1), body.length, [
          "Content-Type: application/json",
        ]),
      ),
    );
    for (const socket of sockets) socket.on("error", () => {}).resume();
    await until(() => spooled().length > 0);
    for (const socket of sockets) end(socket);
    await until(() => putAside().length === 0 && openObjects().length === 0);
    for (const socket of sockets) socket.destroy();
    // And the next one is served.
    expect((await post("compute", `/tasks/${task}/results`, result)).status).toBe(200);
  });

  test("of a reader who goes away in the middle of a result", async () => {
    expect((await post("compute", `/tasks/${task}/results`, result)).status).toBe(200);
    const [ref] = JSON.parse((await get("user", `/tasks/${task}/results`)).text) as string[];
    const transformation = JSON.parse((await get("user", `/tasks/${task}/transformation`)).text) as string;
    const { hostname, port } = new URL(local.user);
    for (let i = 0; i < 10; i++) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `GET /transformations/${transformation}/results/${ref} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token("user")}\r\n\r\n`,
      );
      await once(socket, "data");
      socket.destroy();
    }
    await until(() => openObjects().length === 0);
  });
});

describe("what is too large", () => {
  test("in the head of a request is 431", async () => {
    const reply = await exchange("GET", `${local.user}/ping`, { "x-filler": "x".repeat(20_000) }, null);
    expect(reply.status).toBe(431);
  });

  test("when it is unpacked is 413, before it is unpacked whole: gzip, and zstd in a result", async () => {
    // Blanks are JSON as far as they go.
    const blanks = Buffer.alloc(32 * 1024 ** 2, " ");
    const gzip = await post("user", "/token", gzipSync(blanks), {
      "content-encoding": "gzip",
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(gzip.status).toBe(413);
    const frames = [zstdCompressSync(zstdCompressSync(blanks)), zstdCompressSync(blanks)];
    for (const frame of frames) {
      const body = `{"compute_service_id": "s", "protocoldagresult": {"latin-1": ${JSON.stringify(frame.toString("latin1"))}}}`;
      const bomb = await post("compute", `/tasks/${task}/results`, Buffer.from(body));
      expect(bomb.status, bomb.text).toBe(413);
    }
    const packed = await post("compute", `/tasks/${task}/results`, gzipSync(blanks), { "content-encoding": "gzip" });
    expect([413, 422]).toContain(packed.status);
    expect(putAside()).toEqual([]);
  });
});
