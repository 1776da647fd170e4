/** Gathers results in a process of its own: `URL NETWORK DIRECTORY`. A line for each that is written, and what came of it at the end. */
import { parseScopedKey } from "@alchemiscale/contract";
import { AlchemiscaleClient } from "../src/index.ts";
import { gatherResults, nodeFetch } from "../src/node/index.ts";

const [url = "", network = "", directory = ""] = process.argv.slice(2);
const client = new AlchemiscaleClient({ url, identifier: "alice", key: "a key", fetch: nodeFetch() });
const gathered = await gatherResults(client, parseScopedKey(network), directory, {
  onProgress: ({ done, bytes }) => process.stdout.write(`${done} ${bytes}\n`),
});
console.log(JSON.stringify({ ...gathered, rss: process.resourceUsage().maxRSS * 1024 }));
