/** What a client gets and sends by it, at a server that answers as it is asked to. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeFetch } from "./node-fetch.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;
let answer: Answer = (_, response) => response.end();
const server = createServer((request, response) => void answer(request, response));
let url = "";

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const call = (
  request: { readonly body?: string | Blob; readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
) => nodeFetch()(url, { method: "POST", headers: {}, redirect: "manual", ...request });
const long = randomBytes(600_000).toString("hex");

test.each([
  ["short", "sent whole", "short"],
  ["short", "without its length", "short"],
  ["long", "sent whole", long],
  ["long", "without its length", long],
])("a %s body, %s, gzipped or not, is read as it was meant", async (_, how, text) => {
  for (const gzipped of [false, true]) {
    answer = (request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      const bytes = gzipped ? gzipSync(text) : Buffer.from(text);
      if (gzipped) response.setHeader("content-encoding", "gzip");
      if (how === "sent whole") response.setHeader("content-length", bytes.length);
      response.writeHead(418, "A teapot", { "x-said": ["once", "twice"] });
      response.write(bytes.subarray(0, 5));
      response.end(bytes.subarray(5));
    };
    const response = await call();
    expect([response.status, response.statusText, response.headers.get("x-said")]).toEqual([418, "A teapot", "once, twice"]);
    expect((await response.text()) === text).toBe(true);
  }
});

test("what is asked for by name is not gzip, no body is none, and an answer that points elsewhere is the answer", async () => {
  answer = (request, response) => response.end(request.headers["accept-encoding"]);
  expect(await (await call({ headers: { "accept-encoding": "identity" } })).text()).toBe("identity");
  answer = (_, response) => response.writeHead(204).end();
  expect(await (await call()).text()).toBe("");
  answer = (_, response) => response.writeHead(307, { location: "/elsewhere" }).end();
  expect((await call()).status).toBe(307);
});

test.each([20, 40_000, 5_000_000])("a body of %i bytes arrives with its length", async (bytes) => {
  const sent = randomBytes(bytes);
  let length: string | undefined;
  answer = async (request, response) => {
    length = request.headers["content-length"];
    response.end(
      createHash("sha256")
        .update(await buffer(request))
        .digest("hex"),
    );
  };
  const digest = await (await call({ body: new Blob([new Uint8Array(sent)]) })).text();
  expect([digest, length]).toEqual([createHash("sha256").update(sent).digest("hex"), `${bytes}`]);
});

test("a stream comes as it is sent, and who leaves it ends the connection, also while nothing comes", async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  answer = (request, response) => {
    request.socket.once("close", () => close());
    response.write("first");
  };
  const reader = (await call()).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
  const next = reader?.read();
  await reader?.cancel();
  expect((await next)?.done).toBe(true);
  await closed;
});

test("a signal ends a call with its reason, before the answer and within it", async () => {
  const reason = new Error("enough");
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  answer = () => ask();
  const early = new AbortController();
  const unanswered = call({ signal: early.signal });
  await asked;
  early.abort(reason);
  await expect(unanswered).rejects.toBe(reason);
  answer = (_, response) => response.write("first");
  const late = new AbortController();
  const response = await call({ signal: late.signal });
  late.abort(reason);
  await expect(response.text()).rejects.toBe(reason);
});

test.each([false, true])("a body that is cut off is an error (gzip: %s)", async (gzipped) => {
  const bytes = gzipped ? gzipSync(long) : Buffer.from(long);
  for (const length of [undefined, bytes.length]) {
    answer = (_, response) => {
      if (gzipped) response.setHeader("content-encoding", "gzip");
      if (length !== undefined) response.setHeader("content-length", length);
      response.write(bytes.subarray(0, 100_000), () => response.destroy());
    };
    await expect(call().then((response) => response.text())).rejects.toThrow();
  }
});

test("gzip that is none is an error", async () => {
  answer = (_, response) => response.writeHead(200, { "content-encoding": "gzip", "content-length": 4 }).end("text");
  await expect(call().then((response) => response.text())).rejects.toThrow();
});
