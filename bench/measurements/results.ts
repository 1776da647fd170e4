import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EncodedResult, encodeResult } from "@alchemiscale/client/node";
import { type ComputeServiceId, parseComputeServiceId, type ScopedKey } from "@alchemiscale/contract";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import type { Figure } from "../figures.ts";
import { startBackgroundLoad } from "../load/background-load.ts";
import { latencySummary } from "../load/latency-summary.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { syntheticResult } from "../networks/synthetic-result.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";
import type { Measurement } from "./measurement.ts";
import { median } from "./median.ts";
import { memoryFigure } from "./memory-figure.ts";

const atOnce = 8;

/** Results of three sizes, up and down. */
export const results: Measurement = {
  name: "results",
  run: async ({ startSystem, quick, say }) => {
    const sizes = [
      { label: "32 KiB", bytes: 2 ** 15, rounds: quick ? 3 : 30 },
      { label: "1 MiB", bytes: 2 ** 20, rounds: quick ? 2 : 10 },
      { label: "32 MiB", bytes: 2 ** 25, rounds: quick ? 1 : 3 },
    ];
    const system = await startSystem();
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-bench-"));
    const { user, compute } = system;
    const figures: Figure[] = [];
    try {
      const network = await user.createNetwork(
        syntheticNetwork({ systems: 4, transformations: 2, proteinAtoms: 50 }).text,
        freshScope(),
      );
      const [transformation] = await user.getNetworkTransformations(network);
      if (transformation === undefined) throw new Error("the network has no Transformations");
      const service = parseComputeServiceId(`bench-${"0".repeat(32)}`);
      for (const { label, bytes, rounds } of sizes) {
        say(`results: ${label}, ${rounds} times`);
        const tasks = await user.createTasks(transformation, { count: rounds });
        const up: number[] = [];
        const down: number[] = [];
        const pings = startBackgroundLoad({
          origin: system.server.computeUrl,
          headers: {},
          requests: [{ method: "GET", path: "/ping" }],
          pauseMs: 10,
        });
        for (const [i, task] of tasks.entries()) {
          const text = syntheticResult(bytes, { seed: i + 1 });
          const file = join(directory, "chain.json");
          await writeFile(file, text);
          const body = await encodeResult({ path: file }, service, { directory });
          const begun = performance.now();
          const reference = await compute.postResult(task, body);
          const stored = performance.now();
          const back = await user.getResult(transformation, reference);
          down.push(performance.now() - stored);
          up.push(stored - begun);
          await body.dispose();
          if (new TextDecoder().decode(decompressZstd(back, { maxBytes: 2 ** 30 })) !== text)
            throw new Error(`a result of ${label} came back changed`);
        }
        say(`results: ${label}, ${atOnce} at once`);
        const together = await several(system, transformation, service, bytes, directory);
        const slowest = latencySummary(await pings.stop()).max;
        figures.push(
          { label: `${label}, sent and stored`, value: median(up), unit: "ms" },
          { label: `${label}, retrieved`, value: median(down), unit: "ms" },
          { label: `  ${atOnce} at once, sent and stored`, value: together.up, unit: "ms" },
          { label: `  ${atOnce} at once, retrieved`, value: together.down, unit: "ms" },
          ...memoryFigure(system, `after those of ${label}`),
          { label: "  slowest /ping meanwhile", value: slowest, unit: "ms", target: { atMost: 200 } },
        );
      }
      return {
        name: "results",
        title: "Results, up and down",
        method:
          "array bytes that do not compress, in a ProtocolDAGResult; encoded and gzipped before the clock starts; every byte compared; /ping every 10 ms from another process",
        figures,
      };
    } finally {
      await rm(directory, { recursive: true, force: true });
      await system.close();
    }
  },
};

/** The same result for as many Tasks, at once: milliseconds until all are stored, and until all are back. */
async function several(
  { user, compute }: MeasuredSystem,
  transformation: ScopedKey,
  service: ComputeServiceId,
  bytes: number,
  directory: string,
): Promise<{ readonly up: number; readonly down: number }> {
  const tasks = await user.createTasks(transformation, { count: atOnce });
  const file = join(directory, "chain.json");
  await writeFile(file, syntheticResult(bytes, { seed: 77 }));
  const bodies = await Promise.all(tasks.map(() => encodeResult({ path: file }, service, { directory })));
  const begun = performance.now();
  const references = await Promise.all(tasks.map((task, i) => compute.postResult(task, bodies[i] as EncodedResult)));
  const stored = performance.now();
  const back = await Promise.all(references.map((reference) => user.getResult(transformation, reference)));
  const done = performance.now();
  await Promise.all(bodies.map((body) => body.dispose()));
  if (back.some(({ length }) => length !== back[0]?.length)) throw new Error("the same result came back in two lengths");
  return { up: stored - begun, down: done - stored };
}
