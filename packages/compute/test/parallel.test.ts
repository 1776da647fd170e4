/** The parallel service with the native executor against the real server. */
import { readFileSync } from "node:fs";
import { parseScope, type ScopedKey } from "@alchemiscale/contract";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNativeExecutor, exactFreeEnergy, ParallelComputeService, parseParallelServiceSettings } from "../src/index.ts";
import { boxSettings } from "./box-settings.ts";
import { nativeEstimate } from "./native-estimate.ts";
import { type RealServer, realServer } from "./real-server.ts";

let server: RealServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const network = readFileSync(new URL("../../../examples/harmonic-network.json", import.meta.url), "utf8");

function service(more: Record<string, unknown> = {}) {
  const values = {
    ...boxSettings(server.computeUrl, server.directory),
    loglevel: "CRITICAL",
    gpus: [],
    ...more,
  };
  return new ParallelComputeService(parseParallelServiceSettings(JSON.stringify(values)).settings, createNativeExecutor());
}

test("computes a network, and its free energies are the exact ones within their errors", async () => {
  const scope = parseScope("org-campaign-whole");
  const key = await server.user.createNetwork(network, scope);
  const edges = await server.user.getNetworkTransformations(key);
  const tasks: ScopedKey[] = [];
  for (const edge of edges) tasks.push(...(await server.user.createTasks(edge, { count: 2 })).filter((task) => task !== null));
  await server.user.actionTasks(key, tasks);
  const one = service({ scopes: [scope], max_tasks: tasks.length });
  await one.run();
  expect(one.executed).toBe(tasks.length);
  expect(new Set(await server.stateStore.tasks.getStatuses(tasks))).toEqual(new Set(["complete"]));
  for (const edge of edges) {
    const references = await server.user.getTransformationResults(edge);
    expect(references).toHaveLength(2);
    const texts = await Promise.all(
      references.map(async (reference) => {
        const bytes = await server.user.getResult(edge, reference, { route: "results" });
        return new TextDecoder().decode(decompressZstd(bytes, { maxBytes: 1e8 }));
      }),
    );
    const found = nativeEstimate(texts);
    const exact = exactFreeEnergy(await server.user.getTransformation(edge));
    expect(Math.abs((found?.estimate ?? Number.NaN) - exact)).toBeLessThan(6 * (found?.uncertainty ?? 0));
  }
});

test("a killed connection while claiming loses no Task: the server is asked what is claimed", async () => {
  const scope = parseScope("org-campaign-restart");
  const key = await server.user.createNetwork(network, scope);
  const [edge] = await server.user.getNetworkTransformations(key);
  const tasks = (await server.user.createTasks(edge as ScopedKey, { count: 12 })).filter((task) => task !== null);
  await server.user.actionTasks(key, tasks);
  const one = service({ scopes: [scope], max_tasks: 12, client_retry_base_seconds: 1.001, client_retry_max_seconds: 0.1 });
  const run = one.run();
  await server.restart(200);
  await run;
  expect(new Set(await server.stateStore.tasks.getStatuses(tasks))).toEqual(new Set(["complete"]));
});
