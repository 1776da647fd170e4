/**
 * Takes the results of a network in a process of its own, whose memory is measured: `MODE URL IDENTIFIER KEY NETWORK DIRECTORY`.
 * `gather`: to files. `stream`: one after the other, and none is kept. Prints a line for each, and at the end what it took as JSON.
 */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { gatherResults, nodeFetch } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";

export interface GatherOutcome {
  readonly written: number;
  readonly present: number;
  readonly bytes: number;
  /** The most that was resident. */
  readonly peakBytes: number;
  readonly seconds: number;
}

const [mode, url = "", identifier = "", key = "", networkText = "", directory = ""] = process.argv.slice(2);
const client = new AlchemiscaleClient({ url, identifier, key, fetch: nodeFetch() });
const network = parseScopedKey(networkText);
const begun = performance.now();
const counts = mode === "gather" ? await gathered() : await streamed();
const outcome: GatherOutcome = {
  ...counts,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  seconds: (performance.now() - begun) / 1000,
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
