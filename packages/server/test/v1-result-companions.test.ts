/** What is kept beside a result: its provenance, and files. */
import { randomBytes } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweepKeptFiles } from "../src/results/sweep-kept-files.ts";
import { LiveServer } from "./live-server.ts";

let live: LiveServer;
let ref: ScopedKey;
let other: ScopedKey;

beforeAll(async () => {
  live = await LiveServer.start({ limits: { maxKeptFileBytes: 100_000 } });
  const { transformation } = await live.network();
  const [first, second] = await live.tasks(transformation, 2);
  ref = await live.result(first as ScopedKey, transformation, Buffer.from("result"));
  other = await live.result(second as ScopedKey, transformation, Buffer.from("other"));
});
afterAll(() => live.stop());

const post = (path: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
  fetch(`${live.compute}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${live.token("compute")}`, ...headers },
    body: new Blob([typeof body === "string" ? body : new Uint8Array(body)]),
  });

const provenance = {
  executor: { name: "python", version: "1" },
  host: { name: "box", cpu: { model: "a CPU", cores: 2 }, gpus: [], more: "said" },
  packages: { gufe: "1.12.0" },
  units: [{ unit: "A-1", name: null, attempt: 0, ok: true, seconds: 1.5, cpu_seconds: 1, peak_memory_bytes: 1e6, pid: 3 }],
};

test("provenance comes back as it was given, with all members", async () => {
  expect((await live.get(`/v1/results/${ref}/provenance`)).status).toBe(404);
  const headers = { "content-type": "application/json" };
  expect((await post(`/v1/results/${ref}/provenance`, JSON.stringify(provenance), headers)).status).toBe(200);
  const reply = await live.get(`/v1/results/${ref}/provenance`);
  expect(await reply.json()).toEqual(provenance);
  const bad = await post(`/v1/results/${ref}/provenance`, JSON.stringify({ ...provenance, units: [{}] }), headers);
  expect(bad.status).toBe(422);
  expect((await live.get(`/v1/results/${other}/provenance`)).status).toBe(404);
});

test("files come back by their names, whatever these are", async () => {
  const files = new Map([
    ["0000-A-1-attempt-0.stdout", randomBytes(1000)],
    ["shared_A-1/größe %2F .log", randomBytes(70_000)],
    [".hidden", Buffer.alloc(0)],
  ]);
  for (const [name, bytes] of files) {
    const kept = await post(`/v1/results/${ref}/files/${encodeURIComponent(name)}`, bytes);
    expect(await kept.json()).toEqual({ name, bytes: bytes.length });
  }
  const listed = (await (await live.get(`/v1/results/${ref}/files`)).json()) as { files: { name: string; bytes: number }[] };
  expect(new Map(listed.files.map(({ name, bytes }) => [name, bytes]))).toEqual(
    new Map([...files].map(([name, bytes]) => [name, bytes.length])),
  );
  for (const [name, bytes] of files) {
    const reply = await live.get(`/v1/results/${ref}/files/${encodeURIComponent(name)}`);
    expect(reply.headers.get("content-disposition")).toBe("attachment");
    expect(Buffer.from(await reply.arrayBuffer()).equals(bytes)).toBe(true);
  }
  expect(await (await live.get(`/v1/results/${other}/files`)).json()).toEqual({ files: [] });
  expect((await live.get(`/v1/results/${ref}/files/none`)).status).toBe(404);
});

test("a file that is too large, has no sensible name, or belongs to nothing is refused and not kept", async () => {
  expect((await post(`/v1/results/${other}/files/large`, randomBytes(100_001))).status).toBe(413);
  expect((await post(`/v1/results/${other}/files/${"x".repeat(151)}`, "a")).status).toBe(422);
  expect((await post(`/v1/results/${other}/files/x`, "a", { "content-encoding": "gzip" })).status).toBe(415);
  const missing = other.replace(/-[^-]+-/, `-${"0".repeat(32)}-`);
  expect((await post(`/v1/results/${missing}/files/x`, "a")).status).toBe(404);
  expect(await (await live.get(`/v1/results/${other}/files`)).json()).toEqual({ files: [] });
});

test("old files go, and results and provenance stay", async () => {
  expect(await sweepKeptFiles(live.objects, { days: 1, bytes: null })).toEqual({ files: 0, bytes: 0 });
  const later = new Date(Date.now() + 3 * 86_400_000);
  expect(await sweepKeptFiles(live.objects, { days: 1, bytes: null }, later)).toEqual({ files: 3, bytes: 71_000 });
  expect(await (await live.get(`/v1/results/${ref}/files`)).json()).toEqual({ files: [] });
  expect((await live.get(`/v1/results/${ref}/provenance`)).status).toBe(200);
  expect((await live.get(`/v1/results/${ref}`)).status).toBe(200);
});
