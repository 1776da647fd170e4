import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GatherOutcome } from "../gather/gather-process.ts";
import { taken } from "../gather/start-gathering.ts";
import { storedResults } from "../gather/stored-results.ts";
import type { Measurement } from "./measurement.ts";
import { memoryFigure } from "./memory-figure.ts";

const mebibyte = 2 ** 20;

/** A network with its results to an archive and back, by a client in a process of its own; a tenth of them first, to see whether memory grows. */
export const archives: Measurement = {
  name: "archives",
  run: async ({ startSystem, quick, say }) => {
    const count = quick ? 40 : 1000;
    const system = await startSystem();
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-bench-"));
    const toArchiveAndBack = async (results: number): Promise<readonly [GatherOutcome, GatherOutcome, GatherOutcome]> => {
      const network = await storedResults(system, results, (done) => say(`archives: ${done} of ${results} stored`), true);
      const outcomes = [];
      for (const mode of ["archive", "restore", "restore"] as const) {
        say(`archives: ${mode} ${results}`);
        outcomes.push(await taken(system, network, directory, mode));
      }
      const [archived, restored, again] = outcomes as [GatherOutcome, GatherOutcome, GatherOutcome];
      if (archived.written !== results || restored.written !== results || again.present !== results)
        throw new Error(`of ${results} results ${JSON.stringify(outcomes)}`);
      return [archived, restored, again];
    };
    try {
      const [fewArchived, fewRestored] = await toArchiveAndBack(count / 10);
      const [archived, restored, again] = await toArchiveAndBack(count);
      const { size } = await stat(join(directory, "archive.json"));
      const peak = ({ peakBytes }: GatherOutcome) => ({ value: peakBytes / mebibyte, unit: "MiB" as const });
      const most = { atMost: 400 };
      return {
        name: "archives",
        title: `${count.toLocaleString("en")} results of 1 MiB to an archive, and back`,
        method:
          "bytes that do not compress, 3.5 MiB of JSON each; the client is a process of its own, and its memory the most that was ever resident",
        figures: [
          { label: "the archive", value: size / mebibyte, unit: "MiB" },
          { label: "archive, the most resident", ...peak(archived), target: most },
          { label: "archive, a tenth of the results", ...peak(fewArchived) },
          { label: "archive, time", value: archived.seconds, unit: "s" },
          { label: "archive, processor time", value: archived.cpuSeconds, unit: "s" },
          { label: "restore, the most resident", ...peak(restored), target: most },
          { label: "restore, a tenth of the results", ...peak(fewRestored) },
          { label: "restore, time", value: restored.seconds, unit: "s" },
          { label: "restore, processor time", value: restored.cpuSeconds, unit: "s" },
          { label: "restore once more: sent", value: again.written, unit: "", target: { atMost: 0 } },
          { label: "restore once more, time", value: again.seconds, unit: "s" },
          ...memoryFigure(system, "after all"),
        ],
      };
    } finally {
      await rm(directory, { recursive: true, force: true });
      await system.close();
    }
  },
};
