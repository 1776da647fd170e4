/** What a page does; see browser.test.ts. */
import { parseScope, type ScopedKey } from "@alchemiscale/contract";
import { AlchemiscaleClient, memoryCache, type Progress } from "../src/index.ts";

async function tryClient(url: string, identifier: string, key: string, chain: string, withResults: ScopedKey) {
  const told: Progress[] = [];
  const cache = memoryCache({ maxBytes: 10_000_000 });
  const client = new AlchemiscaleClient({ url, identifier, key, cache, onProgress: (progress) => told.push(progress) });
  const network = await client.createNetwork(chain, parseScope("org-campaign-browser"));
  const transformations = await client.getNetworkTransformations(network);
  const watched = client.watchNetwork(network, { after: "0" });
  const [transformation] = transformations;
  const tasks = transformation === undefined ? [] : await client.createTasks(transformation, { count: 2 });
  const actioned = await client.actionTasks(network, tasks);
  let event = "";
  for await (const { kind } of watched) {
    event = kind;
    if (kind === "action") break;
  }
  told.length = 0;
  const lengths: number[] = [];
  const sums: number[] = [];
  for await (const { bytes } of client.getNetworkResults(withResults)) {
    lengths.push(bytes.length);
    sums.push(bytes.reduce((sum, byte) => sum + byte, 0));
  }
  const states = told.map(({ state }) => state).filter((state) => state !== "advanced");
  const first = await client.getNetwork(network);
  const kept = await client.getNetwork(network);
  const stranger = new AlchemiscaleClient({ url, identifier, key: "another" });
  return {
    pinged: await client.ping(),
    network,
    transformations: transformations.length,
    sameChain: first === kept && first.length > 1000,
    actioned: actioned.filter((task) => task !== null).length,
    event,
    lengths,
    sums,
    progress: states,
    refused: await nameOfError(stranger.getScopes()),
    aborted: await nameOfError(client.getScopes({ signal: AbortSignal.abort() })),
  };
}

async function nameOfError(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: unknown) => (error instanceof Error || error instanceof DOMException ? error.name : String(error)),
  );
}

Object.assign(globalThis, { tryClient });
