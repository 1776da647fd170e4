/** Submits a network, creates three Tasks on each of its Transformations, and offers them for execution. */
import { readFile } from "node:fs/promises";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, nodeFetch } from "@alchemiscale/client/node";
import { parseScope } from "@alchemiscale/contract";

// ALCHEMISCALE_URL, ALCHEMISCALE_ID and ALCHEMISCALE_KEY.
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

// A network as `AlchemicalNetwork.to_json` of gufe writes it: the text goes to the server as it is.
const chain = await readFile(new URL("../harmonic-network.json", import.meta.url), "utf8");
const network = await client.createNetwork(chain, parseScope("my_lab-tests-first"));
console.log(network);

const transformations = await client.getNetworkTransformations(network);
const tasks = await client.createTransformationsTasks([...transformations, ...transformations, ...transformations]);
const actioned = await client.actionTasks(network, tasks);
console.log(`${actioned.filter((task) => task !== null).length} Tasks are offered`);
console.log(await client.getNetworkStatus(network));
