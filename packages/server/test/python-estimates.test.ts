/** Estimates of protocols that are not read here, made by what the server is given for that. Python itself: `python-analysis.test.ts` of the CLI. */
import { readFileSync } from "node:fs";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { ScopedKey } from "@alchemiscale/contract";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { rbfeResult } from "../../../scripts/synthetic-results/rbfe-result.ts";
import { type Gatherer, rebuildEstimates } from "../src/index.ts";
import { LiveServer } from "./live-server.ts";

interface Estimate {
  readonly flags: readonly { readonly code: string; readonly message: string }[];
  readonly [member: string]: unknown;
}

let live: LiveServer;
afterEach(() => live.stop());

const estimateOf = async (transformation: ScopedKey, wait = 20) =>
  (await (await live.get(`/v1/transformations/${transformation}/estimate?wait=${wait}`)).json()) as Estimate;

const textOf = async (content: AsyncIterable<Uint8Array> | string) =>
  typeof content === "string" ? content : zstdDecompressSync(Buffer.concat(await Array.fromAsync(content))).toString();

/** Gives the number of results as their estimate. */
function counting() {
  const asked: { readonly protocol: string; readonly results: readonly string[] }[] = [];
  const gatherer: Gatherer = {
    async gather({ protocol, results }) {
      const texts = await Promise.all(results.map(async (result) => textOf(await result.open())));
      asked.push({ protocol: await textOf(await protocol.open()), results: texts });
      return { estimate: results.length, uncertainty: 0.5, problems: ["a word about it"] };
    },
  };
  return { gatherer, asked };
}

/** A network of a protocol without a reader, and what lands results of its Transformation. */
async function submitted() {
  const { network, transformation } = await live.network();
  const land = async (name: string, ok = true) => {
    const [task] = await live.tasks(transformation, 1);
    const { text } = rbfeResult(name, [{ estimate: 1, error: 0.1 }]);
    await live.result(task as ScopedKey, transformation, zstdCompressSync(text), ok);
    return text.toString();
  };
  return { network, transformation, land };
}

test("all ok results of a Transformation are gathered together, as they land", async () => {
  const { gatherer, asked } = counting();
  live = await LiveServer.start({ gatherer });
  const { transformation, land } = await submitted();
  const first = await land("one");
  expect(await estimateOf(transformation)).toMatchObject({
    protocol: "DummyProtocol",
    method: "python",
    uncertainty_kind: "python",
    estimate: 1,
    uncertainty: 0.5,
    n_results: 1,
    seconds: 90 * 60,
    unreadable: [],
    up_to_date: true,
    flags: [{ code: "python-problem", message: "a word about it" }],
  });
  const second = await land("two");
  await land("three", false);
  expect(await estimateOf(transformation)).toMatchObject({ estimate: 2, n_results: 2, succeeded: 2, failed: 1 });
  expect(asked.at(-1)?.results.toSorted()).toEqual([first, second].toSorted());
  expect(asked.at(-1)?.protocol).toContain('"__qualname__": "DummyProtocol"');
});

test("nobody waits for a Python that takes its time", async () => {
  const slow: Gatherer = {
    gather: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  };
  live = await LiveServer.start({ gatherer: slow });
  const { transformation, land } = await submitted();
  await land("one");
  expect(await estimateOf(transformation, 1)).toMatchObject({ estimate: null, up_to_date: false, unread: 0 });
  const file = new URL("./fixtures/networks/rbfe-6-ligands.keyedchain.json.zst", import.meta.url);
  const chain = zstdDecompressSync(readFileSync(file)).toString();
  const scope = `{"org": "lab", "campaign": "c", "project": "p"}`;
  const body = Buffer.from(`{"network": ${chain}, "scope": ${scope}, "state": "active"}`);
  const { gufe_key } = (await (await live.post("user", "/networks", body)).json()) as { gufe_key: string };
  const [other] = await live.state.networks.transformationsOf(`${gufe_key}-lab-c-p` as ScopedKey);
  const [task] = await live.tasks(other as ScopedKey, 1);
  const frame = zstdCompressSync(rbfeResult("two", [{ estimate: -3, error: 0.1 }]).text);
  await live.result(task as ScopedKey, other as ScopedKey, frame);
  expect(await estimateOf(other as ScopedKey)).toMatchObject({ estimate: -3, up_to_date: true });
});

test("what Python raises is told", async () => {
  live = await LiveServer.start({ gatherer: { gather: () => Promise.reject(new Error("KeyError: 'work'")) } });
  const { transformation, land } = await submitted();
  await land("one");
  expect((await estimateOf(transformation)).flags).toEqual([
    {
      code: "unknown-protocol",
      message: "there is no reader for results of DummyProtocol; Python does not know either: KeyError: 'work'",
    },
  ]);
});

test("without Python the estimate says what would help; with it, rebuilding makes the estimates", async () => {
  live = await LiveServer.start();
  const { network, transformation, land } = await submitted();
  await land("one");
  const [flag] = (await estimateOf(transformation)).flags;
  expect(flag?.code).toBe("unknown-protocol");
  expect(flag?.message).toContain("ALCHEMISCALE_ANALYSIS_PYTHON");
  await live.server.close();
  const { gatherer } = counting();
  const logger = pino({ level: "silent" });
  await rebuildEstimates({ stateStore: live.state, objectStore: live.objects, logger, gatherer });
  const stored = await live.state.estimates.ofTransformation(transformation);
  expect(JSON.parse(stored?.text ?? "{}")).toMatchObject({ estimate: { method: "python", estimate: 1 } });
  const document = JSON.parse((await live.state.estimates.ofNetwork(network))?.text ?? "{}");
  expect(document).toMatchObject({ results: { unreadable: 0 }, transformations: { estimated: 1 } });
});
