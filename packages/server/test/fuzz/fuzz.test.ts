/** Thousands of requests that are not what they should be: typed answers, nothing changed, nobody waits. */
import { randomInt } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { zstdDecompressSync } from "node:zlib";
import { scanMembers } from "@alchemiscale/gufe";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readScenario, scenarioFile } from "../../../../scripts/recorded-scenarios/scenario.ts";
import { asking } from "../asking.ts";
import { exchange } from "../exchange.ts";
import { forgedToken } from "../forged-token.ts";
import { sampleManager, sampleService } from "../sample-request.ts";
import { ServerProcess } from "../server-process.ts";
import { smallNetwork } from "../session.ts";
import { type FuzzRequest, fuzzRequests, type World } from "./request-grammar.ts";
import { StoreDigest } from "./store-digest.ts";

const seed = Number(process.env.ALCHEMISCALE_TEST_SEED ?? randomInt(2 ** 31));
/** ALCHEMISCALE_FUZZ_REQUESTS=50000 for a long run. */
const requests = Number(process.env.ALCHEMISCALE_FUZZ_REQUESTS ?? 2500);
const patienceMs = 20_000;
const secret = "a secret for tests only";

let server: ServerProcess;
let digest: StoreDigest;
let world: World;

const tokens = Object.fromEntries(
  ["user", "compute", "admin"].map((api) => [
    api,
    forgedToken({ secret, claims: { sub: "root", scopes: ["*-*-*"], aud: `alchemiscale-${api}`, exp: 2 ** 32 } }),
  ]),
);

beforeAll(async () => {
  server = await ServerProcess.start({
    identities: [{ type: "admin", identifier: "root", key: "the root key", scopes: [] }],
    limits: { maxResultBytes: 2 ** 25, uploadPatienceSeconds: 2, maxTasksPerCall: 1000 },
  });
  const submission = smallNetwork();
  const ask = asking(server, tokens);
  await ask("user", "POST", "/networks", submission);
  const [network = ""] = await ask<string[]>("user", "GET", "/networks");
  const transformation = await ask<string[]>("user", "GET", "/transformations");
  const chemicalsystem = await ask<string[]>("user", "GET", "/chemicalsystems");
  const task = await ask<string[]>("user", "POST", `/transformations/${transformation[0]}/tasks`, { count: 5 });
  await ask("user", "POST", `/networks/${network}/tasks/action`, { tasks: task.slice(0, 3) });
  const [hub = ""] = await ask<string[]>("compute", "GET", "/taskhubs");
  const result = postedResult();
  const ref = await ask<Record<string, string>>("compute", "POST", `/tasks/${task[4]}/results`, result.body);
  const refKey = ["gufe_key", "org", "campaign", "project"].map((name) => ref[name]).join("-");
  world = {
    scope: network.split("-").slice(2).join("-"),
    known: {
      network: [network],
      transformation,
      chemicalsystem,
      task,
      hub: [hub],
      key: [network, task[0] ?? "", ...chemicalsystem],
      ref: [refKey],
      route: ["results", "failures"],
      extends: [task[1] ?? "", ""],
      status: ["waiting", "error", "invalid", "complete"],
      state: ["active", "inactive"],
      identifier: ["somebody", "else"],
      identity: ["root"],
      name: ["manager", "fuzz"],
      network_state: ["active", ".*"],
    },
    networkChain: scanMembers(submission.toString()).get("network") ?? "",
    strategyChain: strategyChain(),
    resultChain: result.chain,
  };
  digest = new StoreDigest(server.data);
}, 60_000);
afterAll(async () => {
  digest?.close();
  await server?.stop();
});

/** The body of a post that a Python client sent, and the chain in it. */
function postedResult(): { body: Buffer; chain: string } {
  const step = readScenario("07-results").steps.find(
    ({ request, reply }) => request.method === "POST" && /^\/tasks\/.*\/results$/.test(request.path) && reply.status === 200,
  );
  const body = scenarioFile(step?.request.file ?? "");
  const members = JSON.parse(body.toString()) as { protocoldagresult: { "latin-1": string } };
  const bytes = Buffer.from(members.protocoldagresult["latin-1"], "latin1");
  return { body, chain: zstdDecompressSync(zstdDecompressSync(bytes)).toString() };
}

function strategyChain(): string {
  const step = readScenario("09-strategies").steps.find(({ request }) => request.text?.startsWith('{"strategy": [['));
  return scanMembers(step?.request.text ?? "").get("strategy") ?? "";
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends it, and waits for the answer; of a stream without end only the beginning. */
function send({ route, api, method, path, headers, body }: FuzzRequest): Promise<Answer | string> {
  return new Promise((resolve) => {
    const token = route.permission.kind === "admin" ? tokens.admin : tokens[api];
    const outgoing = httpRequest(`${server[api]}${path}`, {
      method,
      // A connection of its own: what one request does to it must not fall on the next.
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        ...headers,
        ...(body === null ? (method === "POST" ? { "content-length": 0 } : {}) : { "content-length": body.length }),
      },
    });
    const late = setTimeout(() => finish("no answer"), patienceMs);
    const finish = (answer: Answer | string): void => {
      clearTimeout(late);
      resolve(answer);
      outgoing.destroy();
    };
    outgoing.on("error", (error) => finish(`the connection broke: ${error.message}`));
    outgoing.on("response", (response: IncomingMessage) => {
      const { statusCode: status = 0 } = response;
      const type = response.headers["content-type"] ?? "";
      const chunks: Buffer[] = [];
      const done = () => finish({ status, type, text: Buffer.concat(chunks).toString() });
      if (type.startsWith("text/event-stream")) return done();
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", done);
      response.on("error", (error) => finish(`the answer broke: ${error.message}`));
    });
    outgoing.end(body ?? undefined);
  });
}

/** What is wrong with an answer; undefined: nothing. */
function fault(sent: FuzzRequest, answer: Answer | string): string | undefined {
  if (typeof answer === "string") return maySayNothing(sent) ? undefined : answer;
  const { status, type, text } = answer;
  if (status >= 200 && status < 300) return undefined;
  // A directory has no addresses of its own.
  const known501 = status === 501 && sent.route.path === "/v1/results/:ref/url";
  if ((status < 400 || status >= 500) && !known501) return `status ${status}: ${text.slice(0, 500)}`;
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const detail = value.detail;
    if (typeof detail !== "string" && !Array.isArray(detail)) return `${status} without detail: ${text.slice(0, 500)}`;
    if (detail.length === 0) return `${status} with an empty detail`;
    if (type.startsWith("application/problem+json") && value.status !== status)
      return `${status}, and the problem says ${value.status}`;
    return undefined;
  } catch {
    return `${status} with a body that is no JSON: ${text.slice(0, 500)}`;
  }
}

/** A claim may wait as long as it was told to. */
function maySayNothing({ route, body }: FuzzRequest): boolean {
  return route.path === "/v1/claim" && body !== null && body.includes('"wait"');
}

function shown({ method, path, headers, body }: FuzzRequest): string {
  const text =
    body === null ? "" : ` ${body.subarray(0, 600).toString("latin1")}${body.length > 600 ? `… (${body.length} bytes)` : ""}`;
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)}${text}`;
}

/** Sends bytes as they are, and collects what comes back until the connection ends. */
function sendRaw(address: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const socket = connect(Number(port), hostname);
    let text = "";
    const late = setTimeout(() => finish("(no end)"), patienceMs);
    const finish = (end: string): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(text + end);
    };
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => finish("")).on("error", () => finish(""));
    socket.write(bytes, "latin1");
  });
}

describe(`a server that is sent nonsense (seed ${seed})`, () => {
  test("answers in kind, changes nothing, and goes on", { timeout: 60_000 + requests * 100 }, async () => {
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    const routes = new Set<string>();
    const batch = 100;
    for (let first = 0; first < requests && faults.length < 20; first += batch) {
      // Some of the requests end them.
      for (const path of [`/computeservice/${sampleService}/register`, `/computemanager/${sampleManager}/register`]) {
        const headers = { authorization: `Bearer ${tokens.compute}`, "content-type": "application/json" };
        await exchange("POST", `${server.compute}${path}`, headers, Buffer.from('{"steal": true}'));
      }
      for (const sent of fc.sample(fuzzRequests(world), { seed: seed + first, numRuns: batch })) {
        const before = digest.current();
        const begun = performance.now();
        const answer = await send(sent);
        const found = fault(sent, answer);
        if (found !== undefined) faults.push(`${found}\n  to ${shown(sent)}`);
        if (typeof answer === "string") continue;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status < 300) routes.add(`${sent.api} ${sent.method} ${sent.route.path}`);
        else if (digest.current() !== before) faults.push(`${answer.status}, and the store has changed\n  by ${shown(sent)}`);
        if (performance.now() - begun > patienceMs)
          faults.push(`an answer after ${performance.now() - begun} ms\n  to ${shown(sent)}`);
      }
      for (const api of ["user", "compute"] as const)
        expect((await exchange("GET", `${server[api]}/ping`, {}, null)).status).toBe(200);
    }
    if (process.env.ALCHEMISCALE_FUZZ_REQUESTS !== undefined)
      console.log(seed, Object.fromEntries(statuses), routes.size, "routes served");
    expect(faults).toEqual([]);
    // A grammar that is refused at the door would test nothing else.
    expect(routes.size).toBeGreaterThan(40);
  });

  const post = (headers: string, body: string) =>
    `POST /bulk/tasks/status/get HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.user}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;
  test.each<[what: string, bytes: () => string, status: number]>([
    ["garbage", () => "\u0000\u00ff\r\n\r\n", 400],
    ["a request line that is none", () => "GET\r\n\r\n", 400],
    ["another protocol", () => "GET /ping HTCPCP/1.0\r\nHost: x\r\n\r\n", 400],
    ["blanks in a header's name", () => "GET /ping HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", 400],
    ["NUL in a header", () => "GET /ping HTTP/1.1\r\nHost: x\r\nA: \u0000\r\n\r\n", 400],
    ["long headers", () => `GET /ping HTTP/1.1\r\nHost: x\r\nA: ${"x".repeat(40_000)}\r\n\r\n`, 431],
    ["a long path", () => `GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ["two lengths", () => post("Content-Length: 1\r\nContent-Length: 2", "{}"), 400],
    ["a length that is none", () => post("Content-Length: -1", "{}"), 400],
    ["a length and chunks", () => post("Content-Length: 2\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400],
    ["chunks that are none", () => post("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n"), 400],
    ["an unknown encoding of the transfer", () => post("Transfer-Encoding: gzip", "{}"), 400],
    ["a body that never comes", () => post("Content-Length: 10", "{"), 408],
    ["chunks that never end", () => post("Transfer-Encoding: chunked", "1\r\n{\r\n"), 408],
  ])("%s is answered, and the connection ends", { timeout: 60_000 }, async (_, bytes, status) => {
    const before = digest.current();
    const text = await sendRaw(server.user, bytes());
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toMatch(/\r\ncontent-type: application\/json/i);
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4))).toHaveProperty("detail");
    expect(digest.current()).toBe(before);
  });
});
