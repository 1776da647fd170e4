/** What results say, as the server tells it: read once when they have landed, and from then on told from the state store. */
import { readFileSync } from "node:fs";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { solveNetwork } from "@alchemiscale/analysis";
import {
  isNetworkEstimates,
  type NetworkCost,
  type NetworkEstimates,
  type ScopedKey,
  type TransformationEstimate,
} from "@alchemiscale/contract";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rbfeResult, type SyntheticRepeat } from "../../../scripts/synthetic-results/rbfe-result.ts";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { rebuildEstimates } from "../src/index.ts";
import { LiveServer } from "./live-server.ts";

const database = await createTestDatabase({
  name: "estimates",
  prepare: async (url) => (await openStateStore(url)).close(),
});

interface Estimate {
  readonly estimate: number | null;
  readonly uncertainty: number | null;
  readonly flags: readonly { readonly code: string }[];
  readonly unreadable: readonly { readonly code: string; readonly message: string }[];
  readonly [member: string]: unknown;
}

const places = [
  { name: "SQLite", there: true, options: {} },
  { name: "PostgreSQL", there: database !== undefined, options: { stateUrl: database?.url ?? "" } },
];
const logger = pino({ level: "silent" });

describe.each(places.filter(({ there }) => there))("on $name", ({ options }) => {
  let live: LiveServer;
  let scopes = 0;

  beforeAll(async () => {
    live = await LiveServer.start(options);
  });
  afterAll(async () => {
    await live.stop();
    if (options.stateUrl !== undefined) await database?.drop();
  });

  /** Six ligands and eight pairs of them, each in solvent and in complex. */
  const submit = async () => {
    const file = new URL("./fixtures/networks/rbfe-6-ligands.keyedchain.json.zst", import.meta.url);
    const chain = zstdDecompressSync(readFileSync(file)).toString();
    scopes += 1;
    const scope = { org: "lab", campaign: "c", project: `p${scopes}` };
    const body = `{"network": ${chain}, "scope": ${JSON.stringify(scope)}, "state": "active"}`;
    const reply = await live.post("user", "/networks", Buffer.from(body));
    const { gufe_key } = (await reply.json()) as { gufe_key: string };
    const network = `${gufe_key}-lab-c-p${scopes}` as ScopedKey;
    return { network, transformations: await live.state.networks.transformationsOf(network) };
  };
  /** Taken in from elsewhere, as a compute service's results are. */
  const land = async (transformation: ScopedKey, name: string, repeats: readonly SyntheticRepeat[]) => {
    const frame = zstdCompressSync(rbfeResult(name, repeats).text);
    const reply = await live.post("user", `/v1/transformations/${transformation}/results`, frame);
    expect(reply.status).toBe(200);
    return ((await reply.json()) as { ref: ScopedKey }).ref;
  };
  const estimateOf = async (transformation: ScopedKey, wait = 20) =>
    (await (await live.get(`/v1/transformations/${transformation}/estimate?wait=${wait}`)).json()) as Estimate;

  test("a Transformation without results has no estimate, and nothing to wait for", async () => {
    const { transformations } = await submit();
    expect(await estimateOf(transformations[0] as ScopedKey, 0)).toMatchObject({
      estimate: null,
      n_results: 0,
      up_to_date: true,
      unread: 0,
    });
    const missing = await live.get(`/v1/transformations/Transformation-${"0".repeat(32)}-lab-c-p1/estimate`);
    expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect((await live.get(`/v1/transformations/Task-${"0".repeat(32)}-lab-c-p1/estimate`)).status).toBe(422);
    expect((await live.get(`/v1/transformations/${transformations[0]}/estimate?wait=900`)).status).toBe(422);
  });

  test("results are pooled as they land, each repeat once", async () => {
    const { network, transformations } = await submit();
    const transformation = transformations[0] as ScopedKey;
    await land(transformation, "one", [
      { estimate: -3.1, error: 0.1 },
      { estimate: -2.8, error: 0.2 },
    ]);
    await land(transformation, "two", [{ estimate: -3.3, error: 0.15 }]);
    const found = await estimateOf(transformation);
    expect(found).toMatchObject({
      protocol: "RelativeHybridTopologyProtocol",
      unit: "kilocalorie_per_mole",
      uncertainty_kind: "repeat-sd",
      n_results: 2,
      succeeded: 2,
      failed: 0,
      seconds: 2 * 90 * 60,
      up_to_date: true,
    });
    expect(found.estimate).toBeCloseTo(-3.066666666666667, 12);
    expect(found.uncertainty).toBeCloseTo(0.251661147842358, 12);
    expect(found.per_repeat).toHaveLength(3);
    const told = (await live.state.events.ofNetwork(network)).filter(({ kind }) => kind === "estimate");
    expect(told.at(-1)).toMatchObject({ network, from: transformation.split("-").slice(0, 2).join("-") });
    expect(told.at(-1)?.to).toBe("-3.07 ± 0.25 kcal/mol (2)");
  });

  test("how well repeats were sampled is told on request", async () => {
    const { transformations } = await submit();
    const transformation = transformations[0] as ScopedKey;
    await land(transformation, "one", [{ estimate: -3.1, error: 0.1 }]);
    expect(await estimateOf(transformation)).not.toHaveProperty("details");
    const path = `/v1/transformations/${transformation}/estimate?details=true`;
    const { details, per_repeat } = (await (await live.get(path)).json()) as TransformationEstimate;
    const [{ result = "", repeat = "" } = {}] = per_repeat;
    const recorded = {
      neighbour_overlap: null,
      neighbour_exchange: null,
      production_iterations: 1000,
      equilibration_iterations: 200,
    };
    expect(details).toEqual({
      results: [{ result, ok: true, seconds: 90 * 60, hardware: null }],
      repeats: [{ result, repeat, leg: null, generation: 0, convergence: null, ...recorded }],
      left_out: 0,
    });
    const empty = await live.get(`/v1/transformations/${transformations[1]}/estimate?details=true`);
    expect(await empty.json()).toMatchObject({ details: { results: [], repeats: [], left_out: 0 } });
  });

  test("what cannot be read leaves a reason, and does not keep the rest from being told", async () => {
    const { transformations } = await submit();
    const transformation = transformations[0] as ScopedKey;
    const [broken, lost, failed, odd] = (await live.tasks(transformation, 4)) as ScopedKey[];
    await live.result(broken as ScopedKey, transformation, Buffer.from("no result at all"));
    await live.result(lost as ScopedKey, transformation, null);
    await live.result(failed as ScopedKey, transformation, zstdCompressSync('[["Unit-0", {}]]'), false);
    await live.result(odd as ScopedKey, transformation, zstdCompressSync(Buffer.from("[1, 2").subarray(0, 4)).subarray(0, 9));
    await land(transformation, "good", [{ estimate: 1, error: 0.1 }]);
    const found = await estimateOf(transformation);
    expect(found).toMatchObject({ estimate: 1, n_results: 1, up_to_date: true, unread: 0, succeeded: 4, failed: 1 });
    expect(found.unreadable.map(({ code }) => code).sort()).toEqual(["missing", "not-a-result", "not-a-result", "not-a-result"]);
    expect(found.unreadable.every(({ message }) => message.length > 10)).toBe(true);
    expect(found.failures).toEqual([{ reason: "boom", count: 1 }]);
    expect(found.flags.map(({ code }) => code)).toContain("unreadable-result");
  });

  test("a protocol that nobody here can read says so", async () => {
    const { transformation } = await live.network();
    const [task] = await live.tasks(transformation, 1);
    await live.result(task as ScopedKey, transformation, zstdCompressSync(rbfeResult("x", []).text));
    const found = await estimateOf(transformation);
    expect(found).toMatchObject({ estimate: null, protocol: "DummyProtocol", method: "none", up_to_date: true });
    expect(found.unreadable[0]).toMatchObject({ code: "unknown-protocol" });
  });

  test("a network has free energies of its pairs and ligands, as far as there are results", async () => {
    const { network, transformations } = await submit();
    const path = `/v1/networks/${network}/estimates?wait=20`;
    const get = async (query = "", headers = {}) => live.get(`${path}${query}`, headers);
    const empty = (await (await get()).json()) as NetworkEstimates;
    expect(empty).toMatchObject({ network, ligands: [], pairs: [], up_to_date: true, unpaired: [] });
    expect(empty.incomplete).toHaveLength(8);
    expect(empty.transformations).toEqual({ total: 16, with_results: 0, estimated: 0 });

    for (const [i, transformation] of transformations.entries()) {
      await land(transformation, `network ${i}`, [
        { estimate: i / 3, error: 0.1 },
        { estimate: i / 3 + 0.1 + i / 50, error: 0.1 },
      ]);
    }
    const reply = await get();
    const found = (await reply.json()) as NetworkEstimates;
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect(isNetworkEstimates(found)).toBe(true);
    expect(found.pairs).toHaveLength(8);
    expect(found.ligands).toHaveLength(6);
    expect(found.incomplete).toEqual([]);
    expect(found.components).toMatchObject([{ observable: "binding", ligands: 6, reference: "mean", degrees_of_freedom: 3 }]);
    expect(found.ligands.reduce((sum, { estimate }) => sum + (estimate ?? 0), 0)).toBeCloseTo(0, 9);
    expect(found.results).toEqual({ succeeded: 16, failed: 0, unreadable: 0 });
    // As solved by itself.
    const measurements = found.pairs.map(({ ligand_a: from, ligand_b: to, estimate: value, uncertainty }) => ({
      from,
      to,
      value,
      sigma: uncertainty ?? Number.NaN,
    }));
    const [component] = solveNetwork(measurements, { ligands: found.ligands.map(({ ligand }) => ligand) }).components;
    expect(found.ligands.map(({ estimate }) => estimate)).toEqual([...(component?.values ?? [])]);

    const { covariance } = (await (await get("&covariance=true")).json()) as NetworkEstimates;
    expect(covariance?.[0]?.covariance.flat()).toEqual([...(component?.covariance ?? [])]);
    expect(found.covariance).toBeUndefined();
    const table = await get("", { accept: "text/csv" });
    expect(table.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const lines = (await table.text()).trimEnd().split("\r\n");
    expect(lines[0]).toBe("observable,ligand,name,component,reference,estimate,uncertainty,n_pairs,n_repeats,closure,flags");
    expect(lines).toHaveLength(7);
    expect((await (await get("&format=csv&table=pairs")).text()).trimEnd().split("\r\n")).toHaveLength(9);
    expect((await get("&table=ligand")).status).toBe(422);
    expect((await live.get(`/v1/networks/AlchemicalNetwork-${"0".repeat(32)}-lab-c-p1/estimates`)).status).toBe(404);
  });

  test("what is still wanted of a network costs what its finished Tasks have taken", async () => {
    const { network, transformations } = await submit();
    const cost = async (query: string) =>
      (await (await live.get(`/v1/networks/${network}/cost?wait=20${query}`)).json()) as NetworkCost;
    const [first, second] = transformations as [ScopedKey, ScopedKey];
    const ref = await land(first, "costly", [{ estimate: 1, error: 0.1 }]);
    await land(second, "costly, too", [{ estimate: 2, error: 0.1 }]);
    await live.state.estimates.setHardware(ref, "NVIDIA H200");
    const found = await cost("&wanted=2&transformations=true");
    expect(found).toMatchObject({ network, wanted: 2, tasks: 30, up_to_date: true });
    expect(found.learned_from).toEqual({ tasks: 2, elsewhere: false, hardware: ["NVIDIA H200", "unknown"] });
    expect(found.spent_hours).toBeCloseTo(3, 9);
    expect(found.hours).toBeGreaterThan(20);
    expect(found.hours).toBeLessThan(120);
    expect(found.low).toBeLessThan(found.hours ?? 0);
    expect(found.by_transformation?.map(({ tasks, existing }) => tasks + existing)).toEqual(transformations.map(() => 2));
    expect(await cost("&wanted=0")).toMatchObject({ tasks: 0, hours: 0 });

    const { network: another } = await submit();
    const elsewhere = (await (await live.get(`/v1/networks/${another}/cost`)).json()) as NetworkCost;
    expect(elsewhere.learned_from.elsewhere).toBe(true);
    expect(elsewhere.tasks).toBe(48);
    expect((await live.get(`/v1/networks/${another}/cost?wanted=-1`)).status).toBe(422);
  });

  test("all of it can be made anew from the object store, and is the same", async () => {
    const { transformations } = await submit();
    for (const [i, transformation] of transformations.slice(0, 3).entries()) {
      await land(transformation, `result ${i}`, [{ estimate: i / 7, error: 0.1 }]);
      await land(transformation, `another ${i}`, [{ estimate: i / 3, error: 0.1 }]);
    }
    const all = () => Promise.all(transformations.slice(0, 3).map((transformation) => estimateOf(transformation)));
    const before = await all();
    const lefts: number[] = [];
    const { results } = await rebuildEstimates({ stateStore: live.state, objectStore: live.objects, logger }, (left) =>
      lefts.push(left.results + left.transformations + left.networks),
    );
    expect(results).toBeGreaterThanOrEqual(6);
    expect(lefts.at(-1)).toBe(0);
    expect(await all()).toEqual(before);
    expect(await live.state.estimates.backlog()).toEqual({ results: 0, transformations: 0, networks: 0 });
  });
});
