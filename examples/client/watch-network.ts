/** Prints what happens in a network, until none of its Tasks waits or runs any more. The argument is the network's key. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, nodeFetch } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";

const network = parseScopedKey(process.argv[2] ?? "");
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

const isDone = async () => {
  const { waiting = 0, running = 0 } = await client.getNetworkStatus(network);
  return waiting + running === 0;
};

// From the beginning: without `after` only what happens from now on. A connection that is cut is taken up again.
for await (const { at, kind, task, from, to } of client.watchNetwork(network, { after: "0" })) {
  console.log(`${at} ${kind} ${task ?? network} ${from ?? ""} → ${to ?? ""}`);
  if (kind === "status" && (await isDone())) break;
}
console.log("nothing is left to be done");
