/** Estimates while processes are killed: nothing is lost, nothing counts twice. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { parseScope, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { openObjectStore, resultPath } from "@alchemiscale/objectstore";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { rbfeResult } from "../../../scripts/synthetic-results/rbfe-result.ts";
import { createTestDatabase } from "../../../scripts/test-services/test-database.ts";
import { rebuildEstimates } from "../src/index.ts";
import { readSubmission } from "../src/submission/read-submission.ts";
import { type ApiProcess, startApiProcess } from "./api-processes.ts";

const database = await createTestDatabase({
  name: "killed",
  prepare: async (url) => (await openStateStore(url)).close(),
});

const results = 160;
const kills = 4;

describe.each(["SQLite", "PostgreSQL"] as const)("on %s", (engine) => {
  test.skipIf(engine === "PostgreSQL" && database === undefined)(
    "after kill -9 at any moment every result was read, and the estimates are those of undisturbed reading",
    { timeout: 120_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "alchemiscale-killed-"));
      const state = engine === "SQLite" ? `sqlite:${join(directory, "state.sqlite")}` : (database?.url ?? "");
      const objects = join(directory, "objects");
      const store = await openStateStore(state);
      const objectStore = await openObjectStore(`file:${objects}`);
      const processes: ApiProcess[] = [];
      try {
        const transformations = await submit(store);
        for (let i = 0; i < 2; i += 1) processes.push(await startApiProcess({ state, objects }));
        const landing = (async () => {
          for (let i = 0; i < results; i += 1) {
            await land(store, objectStore, transformations[i % transformations.length] as ScopedKey, i);
            await sleep(10);
          }
        })();
        for (let i = 0; i < kills; i += 1) {
          await sleep(200 + 400 * Math.random());
          const [victim] = processes.splice(i % 2, 1);
          await victim?.kill();
          processes.push(await startApiProcess({ state, objects }));
        }
        await landing;
        await settled(store);
        const found = await figures(store, transformations);
        expect(found.map(({ results: known }) => known)).toEqual(transformations.map(() => results / transformations.length));
        await Promise.all(processes.splice(0).map((process) => process.stop()));
        expect((await store.store.integrity()).findings).toEqual([]);

        await rebuildEstimates({ stateStore: store, objectStore, logger: pino({ level: "silent" }) });
        expect(await figures(store, transformations)).toEqual(found);
      } finally {
        await Promise.all(processes.map((process) => process.kill()));
        await Promise.all([store.close(), objectStore.close()]);
        await rm(directory, { recursive: true, force: true });
        if (engine === "PostgreSQL") await database?.drop();
      }
    },
  );
});

async function submit(store: StateStore): Promise<ScopedKey[]> {
  const file = new URL("./fixtures/networks/rbfe-6-ligands.keyedchain.json.zst", import.meta.url);
  const chain = zstdDecompressSync(readFileSync(file)).toString();
  const scope = parseScope("lab-c-p");
  const body = `{"network": ${chain}, "scope": ${JSON.stringify({ org: "lab", campaign: "c", project: "p" })}, "state": "active"}`;
  const { content } = readSubmission({ bytes: Buffer.from(body), strict: false });
  if (!content.ok) throw new Error(String(content.detail));
  const { network } = await store.networks.submit({ ...content.submission, scope, state: "active" }, {});
  return store.networks.transformationsOf(network);
}

async function land(
  store: StateStore,
  objectStore: Awaited<ReturnType<typeof openObjectStore>>,
  transformation: ScopedKey,
  i: number,
): Promise<void> {
  const { gufe_key: transformationKey, org, campaign, project } = scopedKeyParts(transformation);
  const { key, text } = rbfeResult(`result ${i}`, [{ estimate: Math.sin(i), error: 0.1 }]);
  const location = resultPath({ org, campaign, project, transformationKey, ok: true, resultKey: key });
  await objectStore.put(location, zstdCompressSync(text));
  const created = new Date().toISOString().replace("Z", "000+00:00");
  const result = { resultKey: key, ok: true, location, created, failures: [] };
  await store.results.import({ ...result, transformation, extendsKey: null, actor: {} });
}

/** Waits until nothing is left to do. */
async function settled(store: StateStore): Promise<void> {
  for (;;) {
    const left = await store.estimates.backlog();
    if (left.results + left.transformations + left.networks === 0) return;
    await sleep(100);
  }
}

async function figures(store: StateStore, transformations: readonly ScopedKey[]) {
  const stored = await Promise.all(transformations.map((transformation) => store.estimates.ofTransformation(transformation)));
  return stored.map((estimate) => {
    const document = JSON.parse(estimate?.text ?? "null") as { estimate: object; results: readonly object[]; digest: string };
    return { ...document, results: document.results.length };
  });
}
