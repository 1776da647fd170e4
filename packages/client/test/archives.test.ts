/** Archives of a network on the real server: written, read, brought back; and files that are none. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { gufeKeyOf, parseScope, type ScopedKey } from "@alchemiscale/contract";
import {
  ChainError,
  type GufeError,
  GzipError,
  JsonSyntaxError,
  ShapeError,
  sliceKeyedChain,
  verifyKey,
  ZstdError,
} from "@alchemiscale/gufe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RetrievedResult, ScopeNotSpecific } from "../src/index.ts";
import {
  decompressResult,
  ImportNotPossible,
  openArchive,
  type Restored,
  readResult,
  restoreArchive,
} from "../src/node/index.ts";
import { LiveApi } from "./live-api.ts";
import { resultVariant } from "./result-variant.ts";
import { scriptedApi } from "./scripted-api.ts";

let api: LiveApi;
let folder: string;
/** Keys of successful results by Transformation, in the order in which they were given. */
const given = new Map<ScopedKey, string[]>();

beforeAll(async () => {
  api = await LiveApi.start();
  folder = await mkdtemp(join(tmpdir(), "alchemiscale-archives-"));
  const client = api.client();
  for (const [i, transformation] of api.transformations.slice(0, 3).entries()) {
    const keys: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const extended = n === 2 ? keys[0] : undefined;
      const result = resultVariant(10 * i + n, extended === undefined ? {} : { extends: extended });
      await client.importResult(transformation, result.frame);
      keys.push(result.key);
    }
    given.set(transformation, keys);
  }
  const failed = resultVariant(99, { of: "dag-result-failed" });
  await client.importResult(api.transformations[3] as ScopedKey, failed.frame);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function written(
  options: { readonly failures?: boolean; readonly metadata?: Record<string, unknown> } = {},
): Promise<string> {
  const archive = await api.client().getNetworkArchive(api.network, { decompress: decompressResult, ...options });
  return (await Array.fromAsync(archive ?? [])).join("");
}

async function saved(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

async function restored(file: string, scope: string): Promise<Restored> {
  const archive = await openArchive(file);
  try {
    return await restoreArchive(api.client(), archive, parseScope(scope));
  } finally {
    await archive.close();
  }
}

/** Transformation (gufe key) → texts of its results' objects by key. */
async function resultsOf(network: ScopedKey, failures = false): Promise<Map<string, Map<string, Map<string, string>>>> {
  const found = new Map<string, Map<string, Map<string, string>>>();
  const client = api.client();
  const results: AsyncIterable<RetrievedResult> = failures
    ? client.getNetworkFailures(network)
    : client.getNetworkResults(network);
  for await (const { transformation, bytes } of results) {
    const { root, entries } = sliceKeyedChain(readResult(bytes));
    const ofOne = found.get(gufeKeyOf(transformation)) ?? new Map();
    expect(ofOne.has(root.key)).toBe(false);
    ofOne.set(
      root.key,
      new Map(entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, text }) => [key, text] as const)),
    );
    found.set(gufeKeyOf(transformation), ofOne);
  }
  return found;
}

test("an archive names what gufe's does, has each object once with its characters, and the key that gufe computes", async () => {
  const text = await written({ metadata: { note: "ä", list: [3, 2, 1] } });
  const chain = sliceKeyedChain(text, { strict: true });
  expect(verifyKey(chain.root)).toMatchObject({ matches: true, certain: true });
  expect(new Set(chain.entries.map(({ key }) => key)).size).toBe(chain.entries.length);
  const root = JSON.parse(chain.root.text) as Record<string, unknown>;
  expect(Object.keys(root)).toEqual([
    ...["network", "transformation_results", "metadata", "version_gufe", "__qualname__", "__module__", ":version:"],
  ]);
  const reference = (key: string) => ({ ":gufe-key:": key });
  expect(root.transformation_results).toEqual(
    api.transformations
      .map((transformation) => [gufeKeyOf(transformation), (given.get(transformation) ?? []).toSorted()] as const)
      .toSorted()
      .map(([transformation, results]) => [reference(transformation), results.map(reference)]),
  );
  const texts = new Map(chain.entries.map(({ key, text }) => [key, text]));
  const { text: one } = resultVariant(0);
  for (const { key, text } of sliceKeyedChain(one).entries) expect(texts.get(key)).toBe(text);
});

test("it is asked for in one stream, and a Transformation's results in one request", async () => {
  const asked: string[] = [];
  const counting: typeof fetch = (input, init) => {
    asked.push(new URL(String(input)).pathname);
    return fetch(input, init);
  };
  const client = api.client({ fetch: counting });
  const archive = await client.getNetworkArchive(api.network, { decompress: decompressResult });
  for await (const _ of archive ?? []);
  expect(asked).toEqual(["/token", `/exists/${api.network}`, `/networks/${api.network}`, `/v1/networks/${api.network}/results`]);
  asked.length = 0;
  const [transformation = api.network, keys = []] = [...given][1] ?? [];
  const found: string[] = [];
  for await (const { bytes, ok, cursor } of client.getTransformationResults(transformation)) {
    expect([ok, typeof cursor]).toEqual([true, "string"]);
    found.push(sliceKeyedChain(readResult(bytes)).root.key);
  }
  expect(found).toEqual(keys);
  expect(asked).toEqual([`/v1/transformations/${transformation}/results`]);
  const failures = await Array.fromAsync(client.getTransformationFailures(api.transformations[3] as ScopedKey));
  expect(failures.map(({ ok }) => ok)).toEqual([false]);
  const unknown = transformation.replace(/^Transformation-.{4}/, "Transformation-0000") as ScopedKey;
  await expect(Array.fromAsync(client.getTransformationResults(unknown))).rejects.toMatchObject({ status: 404 });
});

describe("an archive that is brought to a server", () => {
  test.each([
    ["plain", "org-restored-plain", (text: string) => text],
    ["gzip", "org-restored-gzip", (text: string) => gzipSync(text)],
    ["zstd", "org-restored-zstd", (text: string) => zstdCompressSync(text)],
  ])("(%s) gives the same results there, once however often it is done", async (name, scope, packed) => {
    const file = await saved(`${name}.archive`, packed(await written({ failures: true })));
    const first = await restored(file, scope);
    expect(first).toMatchObject({ submitted: true, imported: 10, present: 0 });
    expect(await resultsOf(first.network)).toEqual(await resultsOf(api.network));
    expect(await resultsOf(first.network, true)).toEqual(await resultsOf(api.network, true));
    expect(await restored(file, scope)).toEqual({ ...first, submitted: false, imported: 0, present: 10 });
    const client = api.client();
    const status = await client.getNetworkStatus(first.network);
    expect(Object.fromEntries(Object.entries(status).filter(([, count]) => count > 0))).toEqual({ complete: 9, error: 1 });
    expect((await readdir(tmpdir())).filter((entry) => entry.startsWith("alchemiscale-archive-"))).toEqual([]);
  });

  test("keeps what extends what, and the text of the network", async () => {
    const { network } = await restored(await saved("extended", await written()), "org-restored-extended");
    const client = api.client();
    expect(await client.getNetwork(network)).toBe(await client.getNetwork(api.network));
    for (const transformation of [...given.keys()].map((key) => key.replace(/org-.*/, "org-restored-extended") as ScopedKey)) {
      const graph = await client.getTransformationTaskGraph(transformation);
      expect([...graph.values()].flat().filter((parent) => parent !== null)).toHaveLength(1);
    }
  });

  test("adds to a network that is there what it lacks, and changes nothing else of it", async () => {
    const client = api.client();
    const scope = parseScope("org-restored-standing");
    const network = await client.createNetwork(await client.getNetwork(api.network), scope, { state: "inactive" });
    await client.setNetworkWeight(network, 0.25);
    const [transformation] = [...given.keys()].map((key) => key.replace(/org-.*/, scope) as ScopedKey);
    await client.importResult(transformation as ScopedKey, resultVariant(1).frame);
    expect(await restored(await saved("standing", await written()), scope)).toEqual({
      network,
      submitted: false,
      imported: 8,
      present: 1,
    });
    expect([await client.getNetworkState(network), await client.getNetworkWeight(network)]).toEqual(["inactive", 0.25]);
  });

  test("goes on where kill -9 has interrupted it", { timeout: 60_000 }, async () => {
    const file = await saved("killed", await written());
    const script = fileURLToPath(new URL("./restore-child.ts", import.meta.url));
    const start = () => {
      const child = spawn(process.execPath, [script, api.url, file, "org-restored-killed"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      return { child, lines: createInterface({ input: child.stdout }) };
    };
    const first = start();
    for await (const line of first.lines) {
      if (Number(line) < 3) continue;
      first.child.kill("SIGKILL");
      break;
    }
    await once(first.child, "close");
    let last = "";
    for await (const line of start().lines) last = line;
    const { network, imported, present } = JSON.parse(last) as Restored;
    expect(imported + present).toBe(9);
    expect(present).toBeGreaterThanOrEqual(3);
    expect(await resultsOf(network)).toEqual(await resultsOf(api.network));
    expect(Object.values(await api.client().getNetworkStatus(network)).reduce((a, b) => a + b, 0)).toBe(9);
  });

  test("comes from a stream as well", async () => {
    const file = await saved("streamed", gzipSync(await written()));
    const archive = await openArchive(createReadStream(file), { directory: folder });
    expect(archive.count).toBe(9);
    // Also a process that is killed leaves nothing behind.
    expect((await readdir(folder)).some((entry) => entry.startsWith("alchemiscale-archive-"))).toBe(false);
    expect(
      sliceKeyedChain((await Array.fromAsync(archive.chain(archive.contents.network).chunks(), String)).join("")),
    ).toMatchObject({
      root: { key: archive.contents.network },
    });
    await archive.close();
    expect((await readdir(folder)).some((entry) => entry.startsWith("alchemiscale-archive-"))).toBe(false);
  });

  test("is refused by a scope with a wildcard, a scope of others, and a server that takes no results", async () => {
    const file = await saved("refused", await written());
    await expect(restored(file, "org-*-*")).rejects.toThrow(ScopeNotSpecific);
    await expect(restored(file, "others-a-b")).rejects.toMatchObject({ status: 401 });
    await using python = await scriptedApi(({ path }) =>
      path === "/token" ? undefined : { status: 404, json: { detail: "Not Found" } },
    );
    const archive = await openArchive(file);
    const client = api.client({ url: python.url });
    await expect(restoreArchive(client, archive, parseScope("org-a-b"))).rejects.toThrow(ImportNotPossible);
    await archive.close();
  });
});

describe("a file that is no archive is refused with where and why, before anything is sent", () => {
  const zeros = "0".repeat(32);
  const failureOf = async (content: string | Uint8Array): Promise<GufeError> => {
    const file = await saved("hostile", content);
    try {
      await (await openArchive(file)).close();
    } catch (error) {
      return error as GufeError;
    }
    throw new Error("it was taken");
  };
  /** The archive with its root rewritten. */
  const withRoot = async (change: (root: string) => string) => {
    const text = await written();
    const { root } = sliceKeyedChain(text);
    return text.replace(root.text, () => change(root.text));
  };

  test("cut off anywhere", async () => {
    const text = await written();
    for (const length of [0, 1, 100, text.length / 2, text.length - 2, text.length - 1]) {
      expect(await failureOf(text.slice(0, length))).toBeInstanceOf(JsonSyntaxError);
    }
    expect(await failureOf(`${text}]`)).toBeInstanceOf(JsonSyntaxError);
    expect(await failureOf(gzipSync(text).subarray(0, -20))).toBeInstanceOf(GzipError);
    expect(await failureOf(zstdCompressSync(text).subarray(0, -20))).toBeInstanceOf(ZstdError);
    expect(await failureOf(Buffer.concat([zstdCompressSync(text), Buffer.from("more")]))).toBeInstanceOf(ZstdError);
    expect(await failureOf(Buffer.from([0x5b, 0x5b, 0x22, 0xff, 0xfe]))).toBeInstanceOf(JsonSyntaxError);
    expect((await readdir(tmpdir())).filter((entry) => entry.startsWith("alchemiscale-archive-"))).toEqual([]);
  });

  test("something else", async () => {
    expect(await failureOf("{}")).toMatchObject({ code: "not-a-chain" });
    expect(await failureOf("[]")).toMatchObject({ code: "empty-chain" });
    expect(await failureOf(resultVariant(1).text)).toMatchObject({ code: "not-an-archive" });
    expect(await failureOf(await readFile(new URL("../../../examples/harmonic-network.json", import.meta.url)))).toMatchObject({
      code: "not-an-archive",
      message: expect.stringContaining("AlchemicalNetwork-"),
    });
  });

  test("a key that comes twice: the same is passed over, another is refused", async () => {
    const text = await written();
    const { entries } = sliceKeyedChain(text);
    const [first] = entries;
    const repeated = (content = "") => text.replace("[[", () => `[["${first?.key}", ${content}], [`);
    const same = await openArchive(await saved("same", repeated(first?.text)));
    expect(same.count).toBe(9);
    expect(same.chain(first?.key ?? "").bytes).toBe(Buffer.byteLength(`[["${first?.key}", ${first?.text}]]`));
    await same.close();
    const other = await failureOf(repeated(first?.text.replace('"soft"', '"hard"')));
    expect(other).toBeInstanceOf(ChainError);
    expect(other).toMatchObject({ code: "repeated-key", message: expect.stringContaining(first?.key ?? "-") });
  });

  test("references to nothing, or to what is to come", async () => {
    const text = await written();
    const unit = /\["HarmonicSetupUnit-[0-9a-f]{32}", \{.*?":version:": 1\}\], /.exec(text)?.[0] ?? "";
    expect(unit).not.toBe("");
    expect(await failureOf(text.replace(unit, ""))).toMatchObject({ code: "dangling-reference" });
    const later = text.replace(unit, "").replace('["AlchemicalArchive-', () => `${unit}["AlchemicalArchive-`);
    expect(await failureOf(later)).toMatchObject({ code: "dangling-reference" });
    expect(
      await failureOf(await withRoot((root) => root.replace(/ProtocolDAGResult-[0-9a-f]{32}/, `ProtocolDAGResult-${zeros}`))),
    ).toMatchObject({
      code: "dangling-reference",
    });
  });

  test.each<[string, string, (root: string) => string]>([
    [
      "a Transformation twice",
      "repeated-key",
      (root) => root.replace(/(\[\{":gufe-key:": "Transformation-[0-9a-f]{32}"\}, \[.*?\]\])/, "$1, $1"),
    ],
    [
      "a Transformation that is none",
      "not-an-edge",
      (root) =>
        root.replace(
          /\[\{":gufe-key:": "Transformation-[0-9a-f]{32}"/,
          `[${/\{":gufe-key:": "ProtocolDAGResult-[0-9a-f]{32}"/.exec(root)?.[0]}`,
        ),
    ],
    [
      "a result that is none",
      "not-a-result",
      (root) =>
        root.replace(
          /\[\{":gufe-key:": "ProtocolDAGResult-[0-9a-f]{32}"/,
          `[${/\{":gufe-key:": "AlchemicalNetwork-[0-9a-f]{32}"/.exec(root)?.[0]}`,
        ),
    ],
    [
      "a network that is none",
      "not-a-network",
      (root) => root.replace(/AlchemicalNetwork-[0-9a-f]{32}/, /Transformation-[0-9a-f]{32}/.exec(root)?.[0] ?? ""),
    ],
    ["no results", "field", (root) => root.replace('"transformation_results"', '"results"')],
    [
      "results of another form",
      "field",
      (root) => root.replace(/"transformation_results": .*, "metadata"/, '"transformation_results": [5], "metadata"'),
    ],
    ["metadata of another form", "field", (root) => root.replace('"metadata": {}', '"metadata": []')],
  ])("an archive with %s", async (_, code, change) => {
    const failure = await failureOf(await withRoot(change));
    expect(failure).toMatchObject({ code, where: expect.stringContaining("AlchemicalArchive-") });
    expect(failure instanceof ChainError || failure instanceof ShapeError).toBe(true);
  });
});
