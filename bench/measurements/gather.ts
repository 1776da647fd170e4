import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { encodeResult } from "@alchemiscale/client/node";
import { parseComputeServiceId, type ScopedKey } from "@alchemiscale/contract";
import type { GatherOutcome } from "../gather/gather-process.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { syntheticResult } from "../networks/synthetic-result.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";
import type { Measurement } from "./measurement.ts";
import { memoryFigure } from "./memory-figure.ts";

const postsAtOnce = 4;
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

/** A network with so many results of 1 MiB. `distinct`: each has a content of its own, and else one of four. */
export async function storedResults(
  { user, compute }: MeasuredSystem,
  count: number,
  say: (done: number) => void,
  distinct = false,
): Promise<ScopedKey> {
  const network = await user.createNetwork(
    syntheticNetwork({ systems: 20, transformations: 30, proteinAtoms: 50 }).text,
    freshScope(),
  );
  const transformations = await user.getNetworkTransformations(network);
  const service = parseComputeServiceId(`bench-${"0".repeat(32)}`);
  const tasks: ScopedKey[] = [];
  for (const transformation of transformations) {
    tasks.push(...(await user.createTasks(transformation, { count: Math.ceil(count / transformations.length) })));
  }
  // A content for each of those who post: the same one twice in the same moment would be one result of two Tasks.
  const next = tasks.slice(0, count).values();
  let done = 0;
  const bodyOf = (seed: number) =>
    encodeResult({ bytes: new TextEncoder().encode(syntheticResult(mebibyte + 4096, { seed })) }, service);
  const post = async (lane: number) => {
    let body = await bodyOf(lane);
    for (const task of next) {
      await compute.postResult(task, body);
      done += 1;
      if (done % 500 === 0) say(done);
      if (distinct) body = await bodyOf(lane + postsAtOnce * done);
    }
    await body.dispose();
  };
  await Promise.all(Array.from({ length: postsAtOnce }, (_, lane) => post(lane + 1)));
  return network;
}

type Mode = "gather" | "stream" | "archive" | "restore";

function started(system: MeasuredSystem, network: ScopedKey, directory: string, mode: Mode) {
  const script = fileURLToPath(new URL("../gather/gather-process.ts", import.meta.url));
  const { identifier, key } = system.identity;
  const child = spawn(process.execPath, [script, mode, system.server.userUrl, identifier, key, network, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, lines: createInterface({ input: child.stdout }) };
}

/** Kills it when so many are there; how many that were in the end. */
async function killedAfter(system: MeasuredSystem, network: ScopedKey, directory: string, results: number): Promise<number> {
  const { child, lines } = started(system, network, directory, "gather");
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

/** What a client in a process of its own took. */
export async function taken(system: MeasuredSystem, network: ScopedKey, directory: string, mode: Mode): Promise<GatherOutcome> {
  const { child, lines } = started(system, network, directory, mode);
  const closed = once(child, "close");
  let last = "";
  for await (const line of lines) last = line;
  const [code] = await closed;
  if (code !== 0) throw new Error(`the client ended with exit code ${code}`);
  return JSON.parse(last) as GatherOutcome;
}
