/** Writes a network with all its results as one AlchemicalArchive, which gufe reads; arguments: the network's key and a file. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, decompressResult, nodeFetch } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";

const [network = "", file = "archive.json"] = process.argv.slice(2);
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

const archive = await client.getNetworkArchive(parseScopedKey(network), {
  decompress: decompressResult,
  metadata: { campaign: "first", note: "for the paper" },
});
if (archive === null) throw new Error(`there is no ${network}`);
await pipeline(archive, createWriteStream(file));
console.log(`written: ${file}`);
