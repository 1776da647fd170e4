import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { parseComputeServiceId, parseScope, parseScopedKey } from "@alchemiscale/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scriptedApi } from "../test/scripted-api.ts";
import { AlchemiscaleComputeClient } from "./alchemiscale-compute-client.ts";
import { encodeResult } from "./node/encode-result.ts";
import { nodeFetch } from "./node/node-fetch.ts";

const service = parseComputeServiceId("worker-0123456789abcdef0123456789abcdef");
const task = parseScopedKey("Task-1-o-c-p");

async function compute(reply: string) {
  const api = await scriptedApi((request) => (request.path === "/token" ? undefined : { text: reply }));
  const client = new AlchemiscaleComputeClient({ url: api.url, identifier: "w", key: "k", fetch: nodeFetch() });
  return { api, client, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

describe("a claim", () => {
  test.each([
    ["null", { denied: true, tasks: [] }],
    ["[]", { denied: false, tasks: [] }],
    ["[null, null]", { denied: false, tasks: [] }],
    [`["${task}", null]`, { denied: false, tasks: [task] }],
  ])("answered with %s", async (reply, expected) => {
    await using server = await compute(reply);
    expect(await server.client.claim({ service, count: 2 })).toEqual(expected);
  });

  test("sends scopes as objects, and null for what is not restricted", async () => {
    await using server = await compute("[]");
    await server.client.claim({ service, count: 1, scopes: [parseScope("o-c-*")], scopesExclude: [], protocols: ["P"] });
    expect(JSON.parse(String(server.api.calls()[0]?.body))).toEqual({
      scopes: [{ org: "o", campaign: "c", project: null }],
      scopes_exclude: null,
      compute_service_id: service,
      count: 1,
      protocols: ["P"],
    });
  });
});

describe("a Task's Transformation", () => {
  test("comes with the characters it has, beside the bytes of the result that is extended", async () => {
    const chain = '[["A-1", {"s": "a \\"],[ b\\\\", "x": [1.0, {"y": NaN}]}], ["Transformation-2", {}]]';
    await using server = await compute(`[${chain}, "(\\u00b5/\u00fd"]`);
    const reply = await server.client.getTaskTransformation(task);
    expect(reply.transformation).toBe(chain);
    expect(reply.extended).toEqual(Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd]));
    const [request] = server.api.calls();
    expect(request?.path).toBe(`/tasks/${task}/transformation/gufe?form=chain`);
    expect(request?.headers["accept-encoding"]).toBe("gzip");
  });

  test("in the nested form of older servers becomes a chain", async () => {
    const nested = { system: { components: {}, name: "s", __qualname__: "ChemicalSystem", __module__: "gufe.chemicalsystem" } };
    const text = JSON.stringify({
      ...nested,
      name: null,
      __qualname__: "NonTransformation",
      __module__: "gufe.transformations.transformation",
    });
    await using server = await compute(JSON.stringify([text, null]));
    const reply = await server.client.getTaskTransformation(task);
    expect(reply.extended).toBeNull();
    const chain = JSON.parse(reply.transformation);
    expect(chain.map(([, entry]: [string, { __qualname__: string }]) => entry.__qualname__)).toEqual([
      "ChemicalSystem",
      "NonTransformation",
    ]);
    expect(chain[1][1].system).toEqual({ ":gufe-key:": chain[0][0] });
  });

  test.each(["null", "{}", '["only one"]', "[1, null]", "[[], null, null]", '["\\ud83d", null'])(
    "%s is refused",
    async (reply) => {
      await using server = await compute(reply);
      await expect(server.client.getTaskTransformation(task)).rejects.toThrow();
    },
  );
});

describe("a result", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "alchemiscale-client-test-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const chain = Buffer.from(
    JSON.stringify([["ProtocolDAGResult-1", { text: Array.from({ length: 20_000 }, (_, n) => `${n * n}é`).join() }]]),
  );

  test.each([
    ["in memory", async () => ({ bytes: chain })],
    [
      "in a file",
      async () => {
        const path = join(directory, "result.json");
        await writeFile(path, chain);
        return { path };
      },
    ],
    [
      "in a file that is compressed already",
      async () => {
        const path = join(directory, "result.json.zst");
        await writeFile(path, zstdCompressSync(chain));
        return { path, zstd: true };
      },
    ],
  ])("%s is posted compressed twice, with the content sizes", async (_, source) => {
    await using server = await compute('{"gufe_key": "ProtocolDAGResultRef-9", "org": "o", "campaign": "c", "project": "p"}');
    const result = await encodeResult(await source(), service, { directory, memoryLimit: 1000 });
    expect(await server.client.postResult(task, result)).toBe("ProtocolDAGResultRef-9-o-c-p");
    await result.dispose();
    expect((await readdir(directory)).filter((name) => name.startsWith("alchemiscale-result-"))).toEqual([]);
    const [request] = server.api.calls();
    expect(request?.headers["content-encoding"]).toBe("gzip");
    const body = JSON.parse(String(request?.body));
    expect(body.compute_service_id).toBe(service);
    expect({ ...body.protocoldagresult, "latin-1": null }).toEqual({
      __class__: "bytes",
      __module__: "builtins",
      ":is_custom:": true,
      "latin-1": null,
    });
    const outer = Buffer.from(body.protocoldagresult["latin-1"], "latin1");
    const payload = zstdDecompressSync(outer);
    expect(zstdDecompressSync(payload)).toEqual(chain);
    for (const frame of [outer, payload]) expect(statesContentSize(frame)).toBe(true);
  });
});

test("a Task without a ProtocolDAG is reported with its exception", async () => {
  await using server = await compute("null");
  await server.client.postFailure(task, { service, exception: "KeyError: 'x'", traceback: "Traceback …" });
  expect(server.api.calls()[0]?.path).toBe(`/v1/tasks/${task}/failure`);
  expect(JSON.parse(String(server.api.calls()[0]?.body))).toEqual({
    compute_service_id: service,
    exception: "KeyError: 'x'",
    traceback: "Traceback …",
  });
});

/** The fifth byte of a frame: size flag in bits 7–6, single segment in bit 5. */
function statesContentSize(frame: Buffer): boolean {
  return ((frame[4] ?? 0) & 0b1110_0000) !== 0;
}
