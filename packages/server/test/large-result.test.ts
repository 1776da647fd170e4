import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largeResultRequest } from "./large-result.ts";
import { readScenario, scenarioFile } from "./scenario.ts";
import type { Measured } from "./server-child.ts";
import { ServerProcess } from "./server-process.ts";

const gibibyte = 2 ** 30;
const scenario = readScenario("07-results");
const identities = [
  { type: "user", identifier: "alice", key: "k", scopes: ["*-*-*"] },
  { type: "compute", identifier: "worker", key: "k", scopes: ["*-*-*"] },
] as const;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly bytes: number;
}

class Session {
  readonly server: ServerProcess;
  readonly #tokens: { readonly user: string; readonly compute: string };

  constructor(server: ServerProcess, tokens: { user: string; compute: string }) {
    this.server = server;
    this.#tokens = tokens;
  }

  static async open(limits = {}): Promise<Session> {
    const server = await ServerProcess.start({ identities, limits });
    const [user, compute] = await Promise.all([token(server.user, "alice"), token(server.compute, "worker")]);
    return new Session(server, { user, compute });
  }

  send(
    api: "user" | "compute",
    method: string,
    path: string,
    body?: Readable,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const all = { authorization: `Bearer ${this.#tokens[api]}`, "content-type": "application/json", ...headers };
    return exchange(`${this.server[api]}${path}`, method, all, body);
  }

  /** A task of the scenario's network. */
  async task(): Promise<string> {
    const file = scenario.steps.find(({ request }) => request.path === "/networks")?.request.file ?? "";
    await this.send("user", "POST", "/networks", Readable.from([scenarioFile(file)]));
    const transformations = JSON.parse((await this.send("user", "GET", "/transformations")).text) as string[];
    const created = await this.send(
      "user",
      "POST",
      `/transformations/${transformations[0]}/tasks`,
      Readable.from([Buffer.from('{"count": 1}')]),
    );
    return (JSON.parse(created.text) as [string])[0];
  }
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
      let sent = 0;
      async function* counted() {
        for await (const chunk of largeResultRequest(gibibyte)) {
          sent += chunk.length;
          yield chunk;
        }
      }
      const plain = Readable.from(counted(), { objectMode: false });
      const body = gzipped ? plain.pipe(createGzip({ level: 1 })) : plain;
      const { value, ...measured } = await session.server.measured(() =>
        session.send("compute", "POST", `/tasks/${task}/results`, body, gzipped ? { "content-encoding": "gzip" } : {}),
      );
      report(`${sent} bytes of JSON, gzipped: ${gzipped}`, measured);
      expect(value.text).toContain("ProtocolDAGResultRef-");
      expect(value.status).toBe(200);
      expect(sent).toBeGreaterThanOrEqual(gibibyte);
      expectLittle(measured);
    },
    120_000,
  );

  test("is read back in a stream", async () => {
    const transformation = (JSON.parse((await session.send("user", "GET", "/transformations")).text) as string[])[0];
    const [ref] = JSON.parse((await session.send("user", "GET", `/transformations/${transformation}/results`)).text) as string[];
    const { value, ...measured } = await session.server.measured(() =>
      session.send("user", "GET", `/transformations/${transformation}/results/${ref}`),
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
        const plain = Readable.from(largeResultRequest(2 ** 25), { objectMode: false });
        const body = gzipped ? plain.pipe(createGzip({ level: 1 })) : plain;
        const answer = await session.send(
          "compute",
          "POST",
          `/tasks/${task}/results`,
          body,
          gzipped ? { "content-encoding": "gzip" } : {},
        );
        expect(answer.status).toBe(413);
        expect(JSON.parse((await session.send("user", "GET", `/tasks/${task}/results`)).text)).toEqual([]);
        expect(JSON.parse((await session.send("user", "GET", `/tasks/${task}/failures`)).text)).toEqual([]);
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

async function token(address: string, identifier: string): Promise<string> {
  const form = Readable.from([Buffer.from(`username=${identifier}&password=k`)]);
  const answer = await exchange(`${address}/token`, "POST", { "content-type": "application/x-www-form-urlencoded" }, form);
  return (JSON.parse(answer.text) as { access_token: string }).access_token;
}

/** Sends all before it looks at the answer, as most clients do. Keeps the text of short answers, and counts the bytes of all. */
async function exchange(url: string, method: string, headers: Record<string, string>, body?: Readable): Promise<Answer> {
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
