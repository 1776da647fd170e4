/** Reads the results of a network one after the other; the argument is the network's key. However many there are, one is in memory. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, nodeFetch, readResult } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";

const network = parseScopedKey(process.argv[2] ?? "");
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

let cursor: string | undefined;
for await (const result of client.getNetworkResults(network)) {
  const { units } = summarizeResult(readResult(result.bytes));
  console.log(`${result.transformation}: ${units.length} units, ${result.bytes.length} bytes, by ${result.creator}`);
  cursor = result.cursor ?? undefined;
}

// Later, only what has come since (of a server of ours):
let newer = 0;
if (cursor !== undefined) for await (const _ of client.getNetworkResults(network, { after: cursor })) newer += 1;
console.log(`${newer} newer ones`);
