/** Saves all results and failures of a network as files; arguments: the network's key and a directory. What was interrupted goes on. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, gatherResults, nodeFetch } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";

const [network = "", directory = "results"] = process.argv.slice(2);
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

const { written, present, bytes } = await gatherResults(client, parseScopedKey(network), directory, {
  onProgress: ({ state, done, total }) => {
    if (state === "advanced") console.log(`${done} of ${total ?? "?"}`);
  },
  onMissing: (missing) => console.error(missing.message),
});
console.log(`${written} results (${bytes} bytes) saved; ${present} were there`);
