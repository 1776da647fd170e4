/** The provenance of a result that comes in the same request: kept with it, and never the reason that a result is lost. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type ScopedKey, scopedKeyFromJson } from "@alchemiscale/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";

let live: LiveServer;
let transformation: ScopedKey;

beforeAll(async () => {
  live = await LiveServer.start();
  ({ transformation } = await live.network());
});
afterAll(() => live.stop());

/** The bytes of a result as a Python client sent them. */
const bytes = (
  JSON.parse(
    readFileSync(
      new URL(
        "fixtures/http-scenarios/files/8ce547eeb2d11c4307f016eae32a07fbd4abb6c86c80d2ba26fc64661add95c5.json",
        import.meta.url,
      ),
      "utf8",
    ),
  ) as { protocoldagresult: object }
).protocoldagresult;

/** With numbers as nobody else would write them, and members that the server does not know. */
const provenance = `{ "executor": {"name": "python", "version": "1", "more": 1.50}, "packages": {"gufe": "1.12.0"},
  "host": {"name": "box", "cpu": {"model": "a CPU", "cores": 2}, "gpus": [], "größe": 1e2},
  "units": [{"unit": "A-1", "name": null, "attempt": 0, "ok": true, "seconds": 1.0}]}`;

interface Posted {
  readonly ref: ScopedKey;
  /** What the reply has beside the reference. */
  readonly said: unknown;
}

async function post(task: ScopedKey, members: readonly string[], compress = false): Promise<Posted> {
  const json = Buffer.from(`{${members.join(", ")}}`);
  const reply = await fetch(`${live.compute}/tasks/${task}/results`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${live.token("compute")}`,
      "content-type": "application/json",
      ...(compress && { "content-encoding": "gzip" }),
    },
    body: new Uint8Array(compress ? gzipSync(json) : json),
  });
  expect(reply.status).toBe(200);
  const value = (await reply.json()) as Record<string, unknown>;
  const { gufe_key, org, campaign, project, ...said } = value;
  return { ref: scopedKeyFromJson({ gufe_key, org, campaign, project }), said };
}

const newTask = async () => (await live.tasks(transformation, 1))[0] as ScopedKey;
const result = `"protocoldagresult": ${JSON.stringify(bytes)}`;
const service = '"compute_service_id": "box-1"';
const withProvenance = (text: string) => `"provenance": ${text}`;
const kept = async (ref: ScopedKey) => {
  const reply = await live.get(`/v1/results/${ref}/provenance`);
  return reply.status === 200 ? reply.text() : reply.status;
};

/** The object would be found from an earlier test: all of them post the same result. */
async function forget(): Promise<void> {
  for await (const { path } of live.objects.list("protocoldagresult")) {
    if (path.endsWith("provenance.json")) await live.objects.delete(path);
  }
}

test.each([
  ["after the others", [result, service, withProvenance(provenance)]],
  ["before them", [withProvenance(provenance), service, result]],
  ["between them", [service, withProvenance(provenance), result]],
])("it comes back with the characters in which it was sent, %s, gzipped or not", async (_, members) => {
  for (const compress of [false, true]) {
    await forget();
    const { ref, said } = await post(await newTask(), members, compress);
    expect(said).toEqual({ provenance: true });
    expect(await kept(ref)).toBe(provenance);
  }
});

test("the reply to a result without it is the reference alone", async () => {
  await forget();
  const { ref, said } = await post(await newTask(), [result, service]);
  expect(said).toEqual({});
  expect(await kept(ref)).toBe(404);
});

test.each([
  ["null", "null"],
  ["a text", '"box"'],
  ["an object that says too little", '{"executor": {"name": "x", "version": "1"}}'],
  ["an object with a member of another type", provenance.replace('"a CPU"', "7")],
  ["not a number, which only Python reads", provenance.replace("1.50", "NaN")],
  ["too large", provenance.replace('"box"', `"${"x".repeat(4 * 1024 ** 2)}"`)],
])("a result is taken, and the reply says that its provenance is not, where that is %s", async (_, text) => {
  await forget();
  const task = await newTask();
  for (const members of [
    [result, service, withProvenance(text)],
    [withProvenance(text), result, service],
  ]) {
    const { ref, said } = await post(task, members);
    expect(said).toEqual({ provenance: false });
    expect((await live.get(`/v1/results/${ref}`)).status).toBe(200);
    expect(await kept(ref)).toBe(404);
  }
});

test("of two in one body the last counts", async () => {
  const { ref, said } = await post(await newTask(), [withProvenance("1"), result, service, withProvenance(provenance)]);
  expect(said).toEqual({ provenance: true });
  expect(await kept(ref)).toBe(provenance);
});

test("a later one by the route of its own takes its place", async () => {
  const { ref } = await post(await newTask(), [result, service, withProvenance(provenance)]);
  const another = provenance.replace('"box"', '"another box"');
  const reply = await live.post("compute", `/v1/results/${ref}/provenance`, Buffer.from(another));
  expect(await reply.json()).toEqual({ ref });
  expect(await kept(ref)).toBe(another);
});

test("it is stored before the result is known, so that no acknowledged result lacks it", async () => {
  await forget();
  const task = await newTask();
  // While another process writes, the server's transaction has to wait.
  const other = new DatabaseSync(join(live.directory, "state.sqlite"));
  other.exec("begin immediate");
  const posted = post(task, [result, service, withProvenance(provenance)]);
  const stored = async () => (await Array.fromAsync(live.objects.list("protocoldagresult"))).map(({ path }) => path);
  while (!(await stored()).some((path) => path.endsWith("provenance.json"))) await wait(5);
  expect(await live.state.results.ofTask(task, true)).toEqual([]);
  other.exec("rollback");
  other.close();
  expect(await kept((await posted).ref)).toBe(provenance);
});

test("a store that cannot take it does not cost the result", async () => {
  await forget();
  const [path = ""] = (await Array.fromAsync(live.objects.list("protocoldagresult"))).map((object) => object.path);
  // In its place lies a directory.
  const inTheWay = `${path.replace(/[^/]*$/, "provenance.json")}/object`;
  await live.objects.put(inTheWay, new Uint8Array(1));
  const { ref, said } = await post(await newTask(), [result, service, withProvenance(provenance)]);
  expect(said).toEqual({ provenance: false });
  expect((await live.get(`/v1/results/${ref}`)).status).toBe(200);
});
