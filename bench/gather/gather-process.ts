/**
 * Takes the results of a network in a process of its own, whose memory is measured: `MODE URL IDENTIFIER KEY NETWORK DIRECTORY`.
 * `gather`: to files. `stream`: one after the other, and none is kept. `archive`: to one file. `restore`: from that file to a scope beside that of the
 * network. Prints a line for each, and at the end what it took as JSON.
 */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { decompressResult, gatherResults, nodeFetch, openArchive, restoreArchive } from "@alchemiscale/client/node";
import { parseScope, parseScopedKey, scopeOf } from "@alchemiscale/contract";

export interface GatherOutcome {
  readonly written: number;
  readonly present: number;
  readonly bytes: number;
  /** The most that was resident. */
  readonly peakBytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const [mode = "", url = "", identifier = "", key = "", networkText = "", directory = ""] = process.argv.slice(2);
const client = new AlchemiscaleClient({ url, identifier, key, fetch: nodeFetch() });
const network = parseScopedKey(networkText);
const begun = performance.now();
const modes: Readonly<Record<string, () => Promise<Pick<GatherOutcome, "written" | "present" | "bytes">>>> = {
  gather: gathered,
  stream: streamed,
  archive: archived,
  restore: restored,
};
const counts = await (modes[mode] ?? streamed)();
const { user, system } = process.cpuUsage();
const outcome: GatherOutcome = {
  ...counts,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  seconds: (performance.now() - begun) / 1000,
  cpuSeconds: (user + system) / 1e6,
};
console.log(JSON.stringify(outcome));

async function gathered() {
  return gatherResults(client, network, directory, { onProgress: ({ done }) => process.stdout.write(`${done}\n`) });
}

async function streamed() {
  const counts = { written: 0, present: 0, bytes: 0 };
  for await (const { bytes } of client.getNetworkResults(network)) {
    counts.written += 1;
    counts.bytes += bytes.length;
  }
  return counts;
}

async function archived() {
  const counts = { written: 0, present: 0, bytes: 0 };
  const onProgress = ({ done, bytes }: { readonly done: number; readonly bytes: number }) => {
    Object.assign(counts, { written: done, bytes });
  };
  const archive = await client.getNetworkArchive(network, { decompress: decompressResult, onProgress });
  if (archive === null) throw new Error(`there is no ${network}`);
  await pipeline(archive, createWriteStream(join(directory, "archive.json")));
  return counts;
}

async function restored() {
  let sent = 0;
  const archive = await openArchive(join(directory, "archive.json"));
  const { imported, present } = await restoreArchive(client, archive, parseScope(`${scopeOf(network)}_restored`), {
    onProgress: ({ bytes }) => {
      sent = bytes;
    },
  });
  await archive.close();
  return { written: imported, present, bytes: sent };
}
