/** The results of a network from a server that has none of the routes below `/v1/`: the recorded replies of the Python server. */
import { parseScopedKey } from "@alchemiscale/contract";
import { latin1ToBytes } from "@alchemiscale/gufe";
import { expect, test } from "vitest";
import { AlchemiscaleClient, type Progress, type RetrievedResult } from "../src/index.ts";
import { bodyText, filledScenario } from "./recorded/filled-scenario.ts";
import { recordedServer } from "./recorded/recorded-server.ts";

const scenario = filledScenario("13-end-to-end-0.8.0");
/** The last reply to each question. */
const replies = new Map(
  scenario.steps
    .filter(({ api, request }) => api === "user" && request.method === "GET")
    .map(({ request, reply }) => [request.path, { status: reply.status, text: bodyText(reply) ?? "" }]),
);
const network = parseScopedKey(
  [...replies.keys()].find((path) => /^\/networks\/[^/]+$/.test(path))?.slice("/networks/".length) ?? "",
);
/** What was stored, by reference. */
const stored = new Map(
  [...replies].flatMap(([path, { text }]) => {
    const ref = /\/(?:results|failures)\/(.+)$/.exec(path)?.[1];
    return ref === undefined ? [] : [[ref, latin1ToBytes((JSON.parse(text) as string[])[0] ?? "")]];
  }),
);

/** What the Python server says to a path that it does not know. */
const unknown = { status: 404, text: '{"detail":"Not Found"}' };
/** A list that was not recorded is empty here. */
const answer = (path: string) => replies.get(path) ?? (path.startsWith("/v1/") ? unknown : { status: 200, text: "[]" });

async function all(results: AsyncIterable<RetrievedResult>): Promise<RetrievedResult[]> {
  const found: RetrievedResult[] = [];
  for await (const result of results) found.push(result);
  return found;
}

test("they come by the compatible routes, and the others are asked for once", async () => {
  await using server = await recordedServer(({ path }) => answer(path));
  const client = new AlchemiscaleClient({ url: server.url, identifier: "alice", key: "a key" });
  const told: Progress[] = [];
  const results = await all(client.getNetworkResults(network, { onProgress: (progress) => told.push(progress) }));
  expect(results).toHaveLength(3);
  for (const { ref, bytes, ok, cursor } of results) {
    expect(bytes).toEqual(stored.get(ref));
    expect([ok, cursor]).toEqual([true, null]);
  }
  expect(told.at(-1)).toMatchObject({ state: "finished", done: 3, total: 3 });
  const failures = await all(client.getNetworkFailures(network));
  expect(failures.map(({ ok }) => ok)).toEqual([false, false]);
  expect((await all(client.getNetworkOutcomes(network))).map(({ ref }) => ref).sort()).toEqual([...stored.keys()].sort());
  expect(server.take().filter(({ path }) => path.startsWith("/v1/"))).toHaveLength(1);
  const references = await client.getNetworkResults(network);
  expect([...references.values()].flat().sort()).toEqual(results.map(({ ref }) => ref).sort());
  await expect(all(client.getNetworkResults(network, { after: "1" }))).rejects.toThrow(/cursors/);
});

test("without a listener, and for references, it is found out as well", async () => {
  await using server = await recordedServer(({ path }) => answer(path));
  const client = () => new AlchemiscaleClient({ url: server.url, identifier: "alice", key: "a key" });
  expect(await all(client().getNetworkResults(network))).toHaveLength(3);
  expect([...(await client().getNetworkFailures(network)).values()].flat()).toHaveLength(2);
  await expect(client().getNetworkEvents(network)).rejects.toMatchObject({ status: 404 });
  await expect(client().watchNetwork(network).next()).rejects.toMatchObject({ status: 404 });
});
