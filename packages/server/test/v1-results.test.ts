/** Results of a network as one stream, and the bytes of one. */
import { randomBytes } from "node:crypto";
import { readdir, readlink } from "node:fs/promises";
import { connect } from "node:net";
import type { ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";
import { readResultStream } from "./result-stream.ts";

let live: LiveServer;
let network: ScopedKey;
let transformation: ScopedKey;
const stored = new Map<ScopedKey, Buffer>();
const refs: ScopedKey[] = [];

beforeAll(async () => {
  live = await LiveServer.start();
  ({ network, transformation } = await live.network());
  const tasks = await live.tasks(transformation, 12);
  for (const [i, task] of tasks.entries()) {
    const bytes = randomBytes(i === 5 ? 3_000_000 : 1000 + i);
    const ref = await live.result(task, transformation, bytes, i % 3 !== 2);
    stored.set(ref, bytes);
    refs.push(ref);
  }
});
afterAll(() => live.stop());

const lines = async (reply: Response) =>
  (await reply.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("failures that left no result are told by Task", async () => {
  const [task = "" as ScopedKey] = await live.tasks(transformation, 1);
  const told = { service: "svc-1", exception: "KeyError: 'solvent'", traceback: "Traceback …" };
  expect(await (await live.get(`/v1/tasks/${task}/failures`)).json()).toEqual({ failures: [] });
  await live.state.results.reportFailure({ task, ...told, actor: {} });
  expect(await (await live.get(`/v1/tasks/${task}/failures`)).json()).toEqual({
    failures: [{ at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/), ...told }],
  });
  expect((await live.get(`/v1/tasks/${task.replace(/-[^-]+-/, "-0-")}/failures`)).status).toBe(404);
  expect((await live.get(`/v1/tasks/${transformation}/failures`)).status).toBe(422);
});

test("every result comes with its bytes as they are stored, and the end says so", async () => {
  const reply = await live.get(`/v1/networks/${network}/results`);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toBe("application/vnd.alchemiscale.results");
  const { results, end } = await readResultStream(reply);
  expect(results.map(({ facts }) => facts.ref)).toEqual(refs);
  for (const { facts, bytes } of results) expect(bytes.equals(stored.get(facts.ref as ScopedKey) ?? Buffer.alloc(0))).toBe(true);
  expect(results[0]?.facts).toMatchObject({ ok: true, transformation, creator: "svc", created: expect.any(String) });
  expect(end).toEqual({ end: true, count: 12, cursor: expect.any(String) });
});

test("metadata alone are lines of JSON, for results, failures, or a Transformation", async () => {
  const all = await lines(await live.get(`/v1/networks/${network}/results?include=metadata`));
  expect(all.slice(0, -1).map((line) => line.ref)).toEqual(refs);
  const failed = await lines(await live.get(`/v1/networks/${network}/results?include=metadata&ok=false`));
  expect(failed.slice(0, -1).map((line) => line.ref)).toEqual(refs.filter((_, i) => i % 3 === 2));
  const of = await lines(await live.get(`/v1/networks/${network}/results?include=metadata&transformation=${transformation}`));
  expect(of).toHaveLength(13);
  const [, , org, campaign, project] = network.split("-");
  const none = `Transformation-${"0".repeat(32)}-${org}-${campaign}-${project}`;
  const nothing = await lines(await live.get(`/v1/networks/${network}/results?include=metadata&transformation=${none}`));
  expect(nothing).toEqual([{ end: true, count: 0, cursor: expect.any(String) }]);
});

test("a stream is taken up after any line, and what landed in the meantime comes after the end of the one before", async () => {
  const all = await lines(await live.get(`/v1/networks/${network}/results?include=metadata`));
  const rest = await lines(await live.get(`/v1/networks/${network}/results?include=metadata&after=${all[6]?.cursor}`));
  expect(rest.slice(0, -1)).toEqual(all.slice(7, -1));
  const [task] = await live.tasks(transformation, 1);
  const ref = await live.result(task as ScopedKey, transformation, Buffer.from("late"));
  const { results, end } = await readResultStream(await live.get(`/v1/networks/${network}/results?after=${all.at(-1)?.cursor}`));
  expect(results.map(({ facts, bytes }) => [facts.ref, bytes.toString()])).toEqual([[ref, "late"]]);
  expect((await lines(await live.get(`/v1/networks/${network}/results?after=${end?.cursor}`))).length).toBe(1);
  stored.set(ref, Buffer.from("late"));
  refs.push(ref);
});

test("a result whose object is missing is told in the sequence, which goes on", async () => {
  const [gone, there] = await live.tasks(transformation, 2);
  const before = (await lines(await live.get(`/v1/networks/${network}/results?include=metadata`))).at(-1)?.cursor;
  const lost = await live.result(gone as ScopedKey, transformation, null);
  const kept = await live.result(there as ScopedKey, transformation, Buffer.from("kept"));
  const { results, end } = await readResultStream(await live.get(`/v1/networks/${network}/results?after=${before}`));
  expect(results.map(({ facts }) => [facts.ref, facts.bytes])).toEqual([
    [lost, 0],
    [kept, 4],
  ]);
  expect(results[0]?.facts.problem).toMatchObject({ type: "urn:alchemiscale:problem:result-missing", status: 404 });
  expect(end?.count).toBe(2);
  expect((await live.get(`/v1/results/${lost}`)).status).toBe(404);
});

test("the bytes of one result, and parts of them", async () => {
  const ref = refs[5] as ScopedKey;
  const bytes = stored.get(ref) as Buffer;
  const whole = await live.get(`/v1/results/${ref}`);
  expect(whole.headers.get("content-length")).toBe(String(bytes.length));
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  const part = async (range: string) => {
    const reply = await live.get(`/v1/results/${ref}`, { range });
    return [reply.status, reply.headers.get("content-range"), Buffer.from(await reply.arrayBuffer())] as const;
  };
  expect(await part("bytes=10-19")).toEqual([206, `bytes 10-19/${bytes.length}`, bytes.subarray(10, 20)]);
  expect((await part("bytes=-5"))[2]).toEqual(bytes.subarray(-5));
  expect((await part(`bytes=${bytes.length - 3}-`))[2]).toEqual(bytes.subarray(-3));
  expect((await part(`bytes=${bytes.length}-`))[0]).toBe(416);
  expect((await part("bytes=0-1,5-6"))[0]).toBe(200);
});

test("a store without addresses says so and where the bytes are", async () => {
  const reply = await live.get(`/v1/results/${refs[0]}/url`);
  expect(reply.status).toBe(501);
  expect(reply.headers.get("content-type")).toBe("application/problem+json");
  expect(await reply.json()).toMatchObject({
    type: "urn:alchemiscale:problem:no-addresses",
    title: "Not Implemented",
    status: 501,
    detail: expect.stringContaining(`/v1/results/${refs[0]}`),
  });
});

test("errors are problem details", async () => {
  const [, , org, campaign, project] = network.split("-");
  const scope = `${org}-${campaign}-${project}`;
  const cases: [string, number][] = [
    [`/v1/networks/${network}/results?after=x`, 422],
    [`/v1/networks/${network}/results?include=all`, 422],
    [`/v1/networks/nonsense/results`, 422],
    [`/v1/networks/${transformation}/results`, 422],
    [`/v1/networks/AlchemicalNetwork-${"0".repeat(32)}-${scope}/results`, 404],
    [`/v1/results/ProtocolDAGResultRef-${"0".repeat(32)}-${scope}`, 404],
    [`/v1/results/${refs[0]}/url?seconds=0`, 422],
    [`/v1/results/${refs[0]}/url?seconds=604801`, 422],
    ["/v1/nothing/here", 404],
    ["/v1/claim", 404],
  ];
  for (const [path, status] of cases) {
    const reply = await live.get(path);
    expect([path, reply.status, reply.headers.get("content-type")]).toEqual([path, status, "application/problem+json"]);
    expect(await reply.json()).toMatchObject({
      type: "about:blank",
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
  }
  const posted = await live.post("user", `/v1/networks/${network}/results`, {});
  expect([posted.status, posted.headers.get("allow"), posted.headers.get("content-type")]).toEqual([
    405,
    "GET",
    "application/problem+json",
  ]);
  const unknown = await fetch(`${live.user}/v1/networks/${network}/results`);
  expect([unknown.status, unknown.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
});

test("a client that goes away in the middle leaves nothing open, and one that reads slowly holds nothing in memory", async () => {
  const [task] = await live.tasks(transformation, 1);
  const after = (await lines(await live.get(`/v1/networks/${network}/results?include=metadata`))).at(-1)?.cursor;
  await live.result(task as ScopedKey, transformation, Buffer.alloc(64 * 1024 * 1024, 1));
  const before = process.memoryUsage().rss;
  const abort = new AbortController();
  const reply = await live.get(`/v1/networks/${network}/results?after=${after}`, {}, abort.signal);
  const reader = reply.body?.getReader();
  await reader?.read();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  abort.abort();
  expect((await live.get("/v1/openapi.json")).status).toBe(200);
});

test.runIf(process.platform === "linux")("a reader who goes away leaves no file open, however early", async () => {
  const { hostname, port } = new URL(live.user);
  const openResults = async () => {
    const links = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
    return (await Promise.all(links)).filter((path) => path.startsWith(live.directory) && path.includes("/objects/"));
  };
  const ask = (path: string, milliseconds: number) =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${live.token("user")}\r\n\r\n`);
      setTimeout(() => socket.destroy(), milliseconds);
    });
  const large = refs[5] as ScopedKey;
  const paths = [
    `/v1/results/${large}`,
    `/v1/networks/${network}/results`,
    `/transformations/${transformation}/results/${large}`,
  ];
  for (let round = 0; round < 40; round += 1) await Promise.all(paths.map((path) => ask(path, round / 4)));
  await expect.poll(openResults).toEqual([]);
});
