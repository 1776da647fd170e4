/** Results of real openfe and feflow runs, which lie beside the repository: the server tells what the libraries give. */
import { existsSync, readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import {
  isTransformationEstimate,
  type NetworkEstimates,
  type ScopedKey,
  type TransformationEstimate,
} from "@alchemiscale/contract";
import { joinKeyedChain, sliceKeyedChain, verifyKey } from "@alchemiscale/gufe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LiveServer } from "./live-server.ts";

const shared = new URL("../../../../shared/fixtures/results/", import.meta.url);

interface Run {
  readonly key: string;
  readonly file: string;
  readonly results: readonly { readonly file: string; readonly ok: boolean; readonly traceback_last_line?: string }[];
  readonly gathered?: { readonly n: number; readonly estimate: number; readonly uncertainty: number };
}

describe.skipIf(!existsSync(shared))("results of real runs (in ../shared)", () => {
  const read = (file: string) => readFileSync(new URL(file, shared));
  const { transformations } = existsSync(shared)
    ? (JSON.parse(read("openfe-results.json").toString()) as { transformations: Run[] })
    : { transformations: [] };
  let live: LiveServer;
  let network: ScopedKey;

  beforeAll(async () => {
    live = await LiveServer.start();
    const reply = await live.post("user", "/networks", Buffer.from(submission(transformations, read)));
    const { gufe_key } = (await reply.json()) as { gufe_key: string };
    network = `${gufe_key}-lab-real-runs` as ScopedKey;
    for (const { key, results } of transformations) {
      for (const { file } of results) {
        const posted = await live.post("user", `/v1/transformations/${key}-lab-real-runs/results`, read(file));
        expect(posted.status).toBe(200);
      }
    }
  });
  afterAll(() => live.stop());

  test.each(transformations)("$file", async ({ key, results, gathered }) => {
    const reply = await live.get(`/v1/transformations/${key}-lab-real-runs/estimate?wait=30&details=true`);
    const found = (await reply.json()) as TransformationEstimate;
    expect(isTransformationEstimate(found)).toBe(true);
    expect(found.details?.results).toHaveLength(results.length);
    for (const { convergence, neighbour_overlap, neighbour_exchange, leg, ...repeat } of found.details?.repeats ?? []) {
      const own = found.per_repeat.find(({ result, repeat: id }) => result === repeat.result && id === repeat.repeat);
      expect([leg, convergence?.fractions.length]).toEqual([own?.leg, 10]);
      // All samples, whether counted from the beginning or from the end.
      expect([convergence?.forward[9], convergence?.reverse[9]]).toEqual(Array(2).fill(expect.closeTo(own?.estimate ?? 0, 6)));
      if (found.method !== "mean-of-repeats") continue;
      expect(neighbour_overlap).toBeGreaterThan(0.03);
      expect(neighbour_exchange).toBeGreaterThan(0);
      expect(repeat.production_iterations).toBeGreaterThan(0);
    }
    expect(found).toMatchObject({ up_to_date: true, unreadable: [], succeeded: results.filter(({ ok }) => ok).length });
    expect(found.failures.map(({ reason }) => reason)).toEqual(
      results.flatMap(({ traceback_last_line: line }) => (line === undefined ? [] : [line.slice(0, 200)])),
    );
    if (gathered === undefined) return;
    expect(found.n_results).toBe(gathered.n);
    expect(found.estimate).toBeCloseTo(gathered.estimate, 10);
    // feflow's bootstrap starts from another seed each time.
    if (found.uncertainty_kind === "bootstrap") {
      expect(Math.abs((found.uncertainty ?? 0) / gathered.uncertainty - 1)).toBeLessThan(0.1);
    } else expect(found.uncertainty).toBeCloseTo(gathered.uncertainty, 10);
  });

  test("a network of legs without their counterparts lists them", async () => {
    const found = (await (await live.get(`/v1/networks/${network}/estimates?wait=30`)).json()) as NetworkEstimates;
    expect(found.pairs).toEqual([]);
    expect(found.incomplete.map(({ protocol }) => protocol).sort()).toEqual([
      "NonEquilibriumCyclingProtocol",
      "RelativeHybridTopologyProtocol",
    ]);
    expect(found.results).toEqual({ succeeded: 4, failed: 1, unreadable: 0 });
  });
});

/** One network of all these Transformations. */
function submission(transformations: readonly Run[], read: (file: string) => Buffer): string {
  const entries = new Map<string, string>();
  for (const { file } of transformations) {
    const chain = sliceKeyedChain(zstdDecompressSync(read(file)).toString());
    for (const { key, text } of chain.entries) entries.set(key, text);
  }
  const reference = (key: string) => ({ ":gufe-key:": key });
  const text = JSON.stringify({
    nodes: [...entries.keys()].filter((key) => key.startsWith("ChemicalSystem-")).map(reference),
    edges: transformations.map(({ key }) => reference(key)),
    name: "real runs",
    __qualname__: "AlchemicalNetwork",
    __module__: "gufe.network",
    ":version:": 1,
  });
  const key = verifyKey({ key: "AlchemicalNetwork-", text }).computed ?? "";
  const chain = joinKeyedChain([...[...entries].map(([own, content]) => ({ key: own, text: content })), { key, text }]);
  return `{"network": ${chain}, "scope": {"org": "lab", "campaign": "real", "project": "runs"}, "state": "active"}`;
}
