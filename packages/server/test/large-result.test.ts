import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largeResultRequest } from "./large-result.ts";
import type { Measured } from "./server-child.ts";
import { Session } from "./session.ts";

const gibibyte = 2 ** 30;
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly bytes: number;
}

describe("a result whose request is 1 GiB of JSON", () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.open();
  });
  afterAll(() => session.server.stop());

  test.each([false, true])(
    "passes in a stream (gzipped: %s)",
    async (gzipped) => {
      const task = await session.task();
      const { value, ...measured } = await session.server.measured(() => postResult(session, task, gibibyte, gzipped));
      report(`gzipped: ${gzipped}`, measured);
      expect(value.text).toContain("ProtocolDAGResultRef-");
      expect(value.status).toBe(200);
      expectLittle(measured);
    },
    120_000,
  );

  test("is read back in a stream", async () => {
    const transformation = (JSON.parse((await session.get("user", "/transformations")).text) as string[])[0];
    const [ref] = JSON.parse((await session.get("user", `/transformations/${transformation}/results`)).text) as string[];
    const { value, ...measured } = await session.server.measured(() =>
      exchangeStreams(
        "GET",
        `${session.server.user}/transformations/${transformation}/results/${ref}`,
        session.authorization("user"),
      ),
    );
    expect(value.status).toBe(200);
    expect(value.bytes).toBeGreaterThan(gibibyte / 4);
    expectLittle(measured);
  }, 60_000);
});

describe("a result above the limit", () => {
  test.each([false, true])(
    "is refused, and nothing is stored (gzipped: %s)",
    async (gzipped) => {
      const session = await Session.open({ maxResultBytes: 2 ** 24 });
      try {
        const task = await session.task();
        expect(await postAllFirst(session, task, 2 ** 25, gzipped)).toMatch(/^HTTP\/1\.1 413 /);
        expect(JSON.parse((await session.get("user", `/tasks/${task}/results`)).text)).toEqual([]);
        expect(JSON.parse((await session.get("user", `/tasks/${task}/failures`)).text)).toEqual([]);
      } finally {
        await session.server.stop();
      }
    },
    60_000,
  );
});

/** The time that the loop was held, not its delay, which on a busy machine is mostly that of other processes. */
function expectLittle({ loopHeldMs, rssBytes }: Measured): void {
  expect(loopHeldMs).toBeLessThan(200);
  expect(rssBytes).toBeLessThan(gibibyte);
}

function report(what: string, { loopDelayMs, loopHeldMs, rssBytes }: Measured): void {
  const memory = (rssBytes / 2 ** 20).toFixed(0);
  console.info(
    `${what}: event loop held ${loopHeldMs.toFixed(0)} ms (delay ${loopDelayMs.toFixed(0)} ms), resident ${memory} MiB`,
  );
}

function postResult(session: Session, task: string, bytes: number, gzipped: boolean): Promise<Answer> {
  const plain = Readable.from(largeResultRequest(bytes), { objectMode: false });
  const headers = { ...session.authorization("compute"), "content-type": "application/json" };
  const url = `${session.server.compute}/tasks/${task}/results`;
  if (!gzipped) return exchangeStreams("POST", url, headers, plain);
  return exchangeStreams("POST", url, { ...headers, "content-encoding": "gzip" }, plain.pipe(createGzip({ level: 1 })));
}

/** Sends all before it looks at the answer, as most clients do. Keeps the text of short answers, and counts the bytes of all. */
async function exchangeStreams(method: string, url: string, headers: Record<string, string>, body?: Readable): Promise<Answer> {
  const request = httpRequest(url, { method, headers });
  const responded = once(request, "response") as Promise<[IncomingMessage]>;
  if (body === undefined) request.end();
  else await pipeline(body, request);
  const [response] = await responded;
  let text = "";
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes < 2 ** 20) text += chunk.toString("latin1");
  }
  return { status: response.statusCode ?? 0, text, bytes };
}

/** Sends all before it looks at the answer, over a bare socket: Node's own client may wait for ever once an answer came early. */
async function postAllFirst(session: Session, task: string, bytes: number, gzipped: boolean): Promise<string> {
  const { hostname, port } = new URL(session.server.compute);
  const socket = connect(Number(port), hostname);
  const headers = {
    host: hostname,
    ...session.authorization("compute"),
    "content-type": "application/json",
    "transfer-encoding": "chunked",
    ...(gzipped ? { "content-encoding": "gzip" } : {}),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /tasks/${task}/results HTTP/1.1\r\n${lines.join("")}\r\n`);
  const plain = Readable.from(largeResultRequest(bytes), { objectMode: false });
  const body: Readable = gzipped ? plain.pipe(createGzip({ level: 1 })) : plain;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    if (!socket.write("\r\n")) await once(socket, "drain");
  }
  socket.end("0\r\n\r\n");
  let answer = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) answer += chunk.toString("latin1");
  return answer;
}
