/** Restores an archive in a process of its own: `URL FILE SCOPE`. A line for each result that has arrived, and what came of it at the end. */
import { parseScope } from "@alchemiscale/contract";
import { AlchemiscaleClient } from "../src/index.ts";
import { nodeFetch, openArchive, restoreArchive } from "../src/node/index.ts";

const [url = "", file = "", scope = ""] = process.argv.slice(2);
const client = new AlchemiscaleClient({ url, identifier: "alice", key: "a key", fetch: nodeFetch() });
const archive = await openArchive(file);
const restored = await restoreArchive(client, archive, parseScope(scope), {
  onProgress: ({ done }) => process.stdout.write(`${done}\n`),
});
await archive.close();
console.log(JSON.stringify(restored));
