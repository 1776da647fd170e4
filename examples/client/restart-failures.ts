/** Prints why Tasks of a network failed, lets those whose memory was too small run again up to three times; the argument is the network's key. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, nodeFetch, readResult } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";

const network = parseScopedKey(process.argv[2] ?? "");
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

for await (const { task, bytes } of client.getNetworkFailures(network)) {
  const { failures } = summarizeResult(readResult(bytes));
  for (const { traceback } of failures) console.log(`${task}: ${traceback.trim().split("\n").at(-1)}`);
}

await client.addTaskRestartPatterns(network, ["MemoryError", "CUDA_ERROR_OUT_OF_MEMORY"], 3);
console.log(await client.getTaskRestartPatterns(network));
