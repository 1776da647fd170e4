import { parseScope, parseScopedKey } from "@alchemiscale/contract";
import { expect, test } from "vitest";
import { type Reply, type Seen, scriptedApi } from "../test/scripted-api.ts";
import { AlchemiscaleClient } from "./alchemiscale-client.ts";

const network = parseScopedKey("AlchemicalNetwork-aa-o-c-p");
const transformation = parseScopedKey("Transformation-bb-o-c-p");
const task = (n: number) => parseScopedKey(`Task-${n}-o-c-p`);

async function api(answer: (request: Seen) => Reply | undefined) {
  return scriptedApi((request) => (request.path === "/token" ? undefined : answer(request)));
}

function client(url: string) {
  return new AlchemiscaleClient({ url, identifier: "alice", key: "key" });
}

test("a network is sent with the characters it has, compressed, and its key read from the object form", async () => {
  await using server = await api(() => ({ json: { gufe_key: "AlchemicalNetwork-aa", org: "o", campaign: "c", project: "p" } }));
  const chain = '[["AlchemicalNetwork-aa", {"x": 1.0, "n": NaN, "big": 123456789012345678901234567890}]]';
  expect(await client(server.url).createNetwork(chain, parseScope("o-c-p"))).toBe(network);
  const [request] = server.calls();
  expect(request?.headers["content-encoding"]).toBe("gzip");
  expect(request?.body.toString()).toBe(
    `{"network": ${chain}, "scope": {"org":"o","campaign":"c","project":"p"}, "state": "active"}`,
  );
});

test("a scope with a wildcard is refused before anything is sent", async () => {
  await using server = await api(() => undefined);
  await expect(client(server.url).createNetwork("[]", parseScope("o-c-*"))).rejects.toThrow(/o-c-\* has a wildcard/);
  expect(server.seen).toHaveLength(0);
});

test("an object comes back with the characters it has", async () => {
  const chain = '[["Transformation-bb", {"x": 1.0, "n": -Infinity}]]';
  await using server = await api(() => ({ text: chain }));
  expect(await client(server.url).getTransformation(transformation)).toBe(chain);
});

test("queries leave out what is not asked for", async () => {
  await using server = await api(() => ({ json: [network] }));
  const user = client(server.url);
  expect(await user.queryNetworks({ scope: parseScope("o-c-*"), name: "a b.*" })).toEqual([network]);
  await user.queryNetworks({ state: null });
  expect(server.calls().map((request) => request.path)).toEqual([
    "/networks?name=a+b.*&org=o&campaign=c&state=active",
    "/networks",
  ]);
});

test("a status request of many Tasks is cut into thousands and answered in order", async () => {
  await using server = await api((request) => {
    const { tasks } = JSON.parse(request.body.toString());
    return { json: tasks.map(({ gufe_key }: { gufe_key: string }) => (gufe_key.endsWith("7") ? null : "waiting")) };
  });
  const statuses = await client(server.url).getTasksStatus(Array.from({ length: 2500 }, (_, n) => task(n)));
  expect(statuses).toHaveLength(2500);
  expect(statuses.every((status, n) => (n % 10 === 7 ? status === null : status === "waiting"))).toBe(true);
  expect(server.calls()).toHaveLength(3);
  expect(await client(server.url).getTasksStatus([])).toEqual([]);
});

test("Tasks are named as objects where the API wants objects", async () => {
  await using server = await api(() => ({ json: [task(1), null] }));
  expect(await client(server.url).actionTasks(network, [task(1), task(2)], { weight: 0.25 })).toEqual([task(1), null]);
  expect(JSON.parse(String(server.calls()[0]?.body))).toEqual({
    tasks: [1, 2].map((n) => ({ gufe_key: `Task-${n}`, org: "o", campaign: "c", project: "p" })),
    weight: 0.25,
  });
});

test("a result's bytes are the characters' values", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  await using server = await api(() => ({ json: [String.fromCharCode(...bytes)] }));
  const reference = parseScopedKey("ProtocolDAGResultRef-cc-o-c-p");
  expect(await client(server.url).getResult(transformation, reference)).toEqual(bytes);
  expect(server.calls()[0]?.path).toBe(`/transformations/${transformation}/results/${reference}`);
});

test("a reply of another shape is named as such", async () => {
  await using server = await api(() => ({ text: "<html>hello</html>" }));
  await expect(client(server.url).queryNetworks()).rejects.toMatchObject({ name: "UnexpectedReply" });
});

test("a ping needs no identity", async () => {
  await using server = await api(() => ({ json: { api: "AlchemiscaleAPI" } }));
  expect(await client(server.url).ping()).toBe("AlchemiscaleAPI");
  expect(server.seen).toHaveLength(1);
});
