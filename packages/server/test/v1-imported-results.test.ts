/** Results that were computed elsewhere, and all results of a Transformation in one stream; on embedded stores, and on PostgreSQL and S3. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createZstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { ScopedKey } from "@alchemiscale/contract";
import { verifyKey } from "@alchemiscale/gufe";
import { zstdContentSize } from "@alchemiscale/gufe/zstd";
import { openStateStore } from "@alchemiscale/statestore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { createTestObjectStore } from "../../../scripts/test-services/test-object-store.ts";
import { LiveServer } from "./live-server.ts";
import { readResultStream } from "./result-stream.ts";

const database = await createTestDatabase({
  name: "imports",
  prepare: async (url) => (await openStateStore(url)).close(),
});
const bucket = await createTestObjectStore();

interface Unit {
  readonly ok: boolean;
}

/** The keyed chain of a ProtocolDAGResult; without units it is ok. */
function resultChain(
  name: string,
  { units = [], extends: extended = null }: { units?: readonly Unit[]; extends?: string | null } = {},
) {
  const pairs: string[] = [];
  const unitKeys: string[] = [];
  const resultKeys: string[] = [];
  for (const [i, { ok }] of units.entries()) {
    const token = `${i}`.padStart(32, "0");
    const unit = `Unit-${token}`;
    const kind = ok ? "ProtocolUnitResult" : "ProtocolUnitFailure";
    const module = `"__module__": "gufe.protocols.protocolunit", ":version:": 1`;
    pairs.push(`["${unit}", {"name": "u", "_key": "${unit}", "inputs": {}, "__qualname__": "Unit", ${module}}]`);
    const failure = ok ? "" : `"exception": ["ValueError", ["boom"]], "traceback": "Traceback: boom", `;
    pairs.push(
      `["${kind}-${token}", {"name": "u", "_key": "${kind}-${token}", "source_key": "${unit}", "inputs": {}, "outputs": {}, ${failure}"__qualname__": "${kind}", ${module}}]`,
    );
    unitKeys.push(unit);
    resultKeys.push(`${kind}-${token}`);
  }
  const references = (keys: readonly string[]) => `[${keys.map((key) => `{":gufe-key:": "${key}"}`).join(", ")}]`;
  const dag =
    `{"name": "${name}", "protocol_units": ${references(unitKeys)}, "protocol_unit_results": ${references(resultKeys)}, "transformation_key": null, ` +
    `"extends_key": ${JSON.stringify(extended)}, "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag", ":version:": 1}`;
  const key = verifyKey({ key: "ProtocolDAGResult-", text: dag }).computed ?? "";
  return { key, text: `[${[...pairs, `["${key}", ${dag}]`].join(", ")}]` };
}

const places = [
  { name: "SQLite and a directory", there: true, options: {} },
  {
    name: "PostgreSQL and S3",
    there: database !== undefined && bucket !== undefined,
    options: { stateUrl: database?.url ?? "", objectUrl: bucket?.url ?? "" },
  },
];

describe.each(places.filter(({ there }) => there))("on $name", ({ options }) => {
  let live: LiveServer;
  let network: ScopedKey;
  let transformation: ScopedKey;
  let path: string;

  beforeAll(async () => {
    live = await LiveServer.start(options);
    ({ network, transformation } = await live.network());
    path = `/v1/transformations/${transformation}/results`;
  });
  afterAll(async () => {
    for await (const { path: object } of live.objects.list("")) await live.objects.delete(object);
    await live.stop();
    if (options.stateUrl !== undefined) await database?.drop();
  });

  const post = async (body: Uint8Array, to = path, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${live.user}${to}`, {
      method: "POST",
      headers: { authorization: `Bearer ${live.token("user")}`, ...headers },
      body: new Uint8Array(body),
    });
    return {
      status: reply.status,
      type: reply.headers.get("content-type"),
      body: (await reply.json()) as Record<string, unknown>,
    };
  };
  const frame = (text: string) => zstdCompressSync(text);

  test("a result from elsewhere is kept as it was sent, with a Task that is complete", async () => {
    const { key, text } = resultChain("first", { units: [{ ok: true }] });
    const bytes = frame(text);
    const first = await post(bytes);
    expect(first).toMatchObject({ status: 200, body: { imported: true } });
    const { ref, task } = first.body as { ref: ScopedKey; task: ScopedKey };
    expect(await live.state.tasks.getStatuses([task])).toEqual(["complete"]);
    const events = await live.state.events.ofTask(task);
    expect(events.map(({ kind, identity, reason }) => [kind, identity, reason])).toEqual([
      ["create", "alice", "imported"],
      ["result", "alice", "imported"],
    ]);
    expect(Buffer.from(await (await live.get(`/v1/results/${ref}`)).arrayBuffer()).equals(bytes)).toBe(true);
    expect(await (await live.get(`/transformations/${transformation}/results`)).json()).toContain(ref);
    const { results } = await readResultStream(await live.get(`/v1/networks/${network}/results`));
    expect(results.map(({ facts }) => [facts.result, facts.creator])).toContainEqual([key, "imported"]);
  });

  test("one that is there stays as it is, whatever is sent under its key", async () => {
    const { text } = resultChain("second", { units: [{ ok: true }] });
    const bytes = frame(text);
    const first = await post(bytes);
    const again = await post(frame(text.replaceAll('"name": "u"', '"name": "forged"')));
    expect(again).toEqual({ ...first, body: { ...first.body, imported: false } });
    expect(Buffer.from(await (await live.get(`/v1/results/${first.body.ref}`)).arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("one of a failure leaves a Task in error with the tracebacks; one that extends another, the Task of that", async () => {
    const failed = await post(frame(resultChain("failed", { units: [{ ok: true }, { ok: false }] }).text));
    const task = failed.body.task as ScopedKey;
    expect(await live.state.tasks.getStatuses([task])).toEqual(["error"]);
    const [traceback] = await live.state.results.tracebacks(failed.body.ref as ScopedKey);
    expect(traceback?.traceback).toBe("Traceback: boom");

    const origin = resultChain("origin");
    const first = await post(frame(origin.text));
    const second = await post(frame(resultChain("extension", { extends: origin.key }).text));
    const tasks = await live.state.tasks.ofTransformation(transformation);
    expect(tasks.find((one) => one.task === second.body.task)?.extends).toBe(first.body.task);
  });

  test("a frame that does not state its size is stored with it", async () => {
    const { text } = resultChain("streamed");
    const unsized = await buffer(Readable.from([Buffer.from(text)]).pipe(createZstdCompress()));
    expect(zstdContentSize(unsized)).toBeNull();
    const { status, body } = await post(unsized);
    expect([status, body.imported]).toEqual([200, true]);
    const stored = Buffer.from(await (await live.get(`/v1/results/${body.ref}`)).arrayBuffer());
    expect(zstdContentSize(stored)).toBe(BigInt(text.length));
    expect(zstdDecompressSync(stored).toString()).toBe(text);
  });

  test("all results of a Transformation come in one stream, from any of them on", async () => {
    const { results, end } = await readResultStream(await live.get(path));
    const ofNetwork = await readResultStream(await live.get(`/v1/networks/${network}/results?transformation=${transformation}`));
    expect(results.length).toBeGreaterThan(4);
    expect(results).toEqual(ofNetwork.results);
    expect(end?.count).toBe(results.length);
    const failures = await readResultStream(await live.get(`${path}?ok=false`));
    expect(failures.results.map(({ facts }) => facts.ok)).toEqual([false]);
    const rest = await readResultStream(await live.get(`${path}?after=${results[2]?.facts.cursor}`));
    expect(rest.results).toEqual(results.slice(3));
    const lines = (await (await live.get(`${path}?include=metadata`)).text()).trimEnd().split("\n");
    expect(lines).toHaveLength(results.length + 1);
  });

  test.each([
    ["no zstd", () => Buffer.from("no frame at all"), 422],
    ["cut off", () => frame(resultChain("cut").text).subarray(0, -5), 422],
    ["followed by other bytes", () => Buffer.concat([frame(resultChain("more").text), Buffer.from("more")]), 422],
    ["empty", () => Buffer.alloc(0), 422],
    ["no JSON", () => frame("[[]"), 422],
    [
      "an object of another class",
      () => frame('[["Other-0123456789abcdef0123456789abcdef", {"__qualname__": "Other", "__module__": "m"}]]'),
      422,
    ],
    [
      "a result without a unit that it names",
      () =>
        frame(
          resultChain("dangling", { units: [{ ok: true }] }).text.replace(/^\[.*?\], \[.*?\], (?=\["ProtocolDAGResult)/, "["),
        ),
      422,
    ],
    [
      "a key that leads out of the store",
      () => frame(resultChain("key").text.replace(/ProtocolDAGResult-[0-9a-f]{32}/, "ProtocolDAGResult-../../x")),
      422,
    ],
  ])("what is %s is refused, and nothing is kept of it", async (_, body, status) => {
    const before = await live.state.tasks.ofTransformation(transformation);
    const objects = async () => (await Array.fromAsync(live.objects.list(""))).length;
    const there = await objects();
    const refused = await post(body());
    expect([refused.status, refused.type]).toEqual([status, "application/problem+json"]);
    expect(refused.body.detail).toMatch(/result/);
    expect(await live.state.tasks.ofTransformation(transformation)).toEqual(before);
    expect(await objects()).toBe(there);
  });

  test("Transformations that are not there, or not the caller's, keys of other classes and encodings are refused", async () => {
    const body = frame(resultChain("nowhere").text);
    const missing = transformation.replace(/-[0-9a-f]{32}-/, `-${"0".repeat(32)}-`);
    for (const [at, status] of [
      [`/v1/transformations/${missing}/results`, 404],
      [`/v1/transformations/${network}/results`, 422],
    ] as const) {
      expect([at, (await post(body, at)).status, (await live.get(at)).status]).toEqual([at, status, status]);
    }
    expect((await post(body, path, { "content-encoding": "gzip" })).status).toBe(415);
    await live.identity("user", "stranger", ["elsewhere-*-*"]);
    const form = new URLSearchParams({ username: "stranger", password: "stranger's key" });
    const token = ((await (await fetch(`${live.user}/token`, { method: "POST", body: form })).json()) as { access_token: string })
      .access_token;
    const denied = await fetch(`${live.user}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: new Uint8Array(body),
    });
    expect(denied.status).toBe(401);
  });
});
