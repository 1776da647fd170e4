import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScopedKey } from "@alchemiscale/contract";
import type { GatherOutcome } from "../gather/gather-process.ts";
import { startGathering, taken } from "../gather/start-gathering.ts";
import { storedResults } from "../gather/stored-results.ts";
import type { MeasuredSystem } from "../servers/measured-system.ts";
import type { Measurement } from "./measurement.ts";
import { memoryFigure } from "./memory-figure.ts";

const mebibyte = 2 ** 20;

/** All results of a network, to files and streamed, by a client in a process of its own; one that is killed in the middle goes on. */
export const gather: Measurement = {
  name: "gather",
  run: async ({ startSystem, quick, say }) => {
    const count = quick ? 60 : 3000;
    const system = await startSystem();
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-bench-"));
    try {
      const network = await storedResults(system, count, (done) => say(`gather: ${done} of ${count} results stored`));
      say("gather: to files, killed in the middle");
      const there = await killedAfter(system, network, directory, Math.floor(count / 2));
      say("gather: to files, the rest");
      const rest = await taken(system, network, directory, "gather");
      if (rest.written + rest.present !== count) throw new Error(`of ${count} results ${JSON.stringify(rest)}`);
      await rm(directory, { recursive: true });
      say("gather: to files, uninterrupted");
      const whole = await taken(system, network, directory, "gather");
      say("gather: streamed");
      const streamed = await taken(system, network, directory, "stream");
      for (const { written, bytes } of [whole, streamed]) {
        if (written !== count || bytes < count * mebibyte) throw new Error(`${written} results of ${bytes} bytes, want ${count}`);
      }
      const rate = ({ bytes, seconds }: GatherOutcome) => bytes / seconds / 1e6;
      return {
        name: "gather",
        title: `${count.toLocaleString("en")} results of 1 MiB, gathered by the client`,
        method:
          "bytes that do not compress; the client is a process of its own, and its memory the most that was ever resident; killed with SIGKILL when half was there, and started again",
        figures: [
          { label: "to files, the most resident", value: whole.peakBytes / mebibyte, unit: "MiB", target: { atMost: 300 } },
          { label: "to files, time", value: whole.seconds, unit: "s" },
          { label: "to files", value: rate(whole), unit: "MB/s" },
          {
            label: "after the kill: asked for again, of those that were there",
            value: there - rest.present,
            unit: "",
            target: { atMost: 0 },
          },
          { label: "after the kill: found there", value: rest.present, unit: "" },
          { label: "after the kill: the most resident", value: rest.peakBytes / mebibyte, unit: "MiB", target: { atMost: 300 } },
          { label: "streamed, the most resident", value: streamed.peakBytes / mebibyte, unit: "MiB", target: { atMost: 300 } },
          { label: "streamed", value: rate(streamed), unit: "MB/s" },
          ...memoryFigure(system, "after all"),
        ],
      };
    } finally {
      await rm(directory, { recursive: true, force: true });
      await system.close();
    }
  },
};

/** Kills it when so many are there; how many that were in the end. */
async function killedAfter(system: MeasuredSystem, network: ScopedKey, directory: string, results: number): Promise<number> {
  const { child, lines } = startGathering(system, network, directory, "gather");
  const closed = once(child, "close");
  for await (const line of lines) {
    if (Number(line) < results) continue;
    child.kill("SIGKILL");
    break;
  }
  await closed;
  const files = await readdir(directory, { recursive: true });
  return files.filter((file) => file.endsWith(".zst")).length;
}
