/** Every method of both clients against the real server on embedded stores. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parseComputeServiceId, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { openObjectStore } from "@alchemiscale/objectstore";
import { createServer, hashKey } from "@alchemiscale/server";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlchemiscaleClient, AlchemiscaleComputeClient, LoginRefused } from "../src/index.ts";
import { encodeResult, nodeFetch } from "../src/node/index.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const networkChain = read("../../../examples/harmonic-network.json");
const resultChain = read("./fixtures/dag-result-ok.json");
const failedChain = read("./fixtures/dag-result-failed.json");
const scope = parseScope("org-campaign-project");
const service = parseComputeServiceId(`worker-${"0123456789abcdef".repeat(2)}`);

const closers: (() => Promise<void>)[] = [];
let user: AlchemiscaleClient;
let compute: AlchemiscaleComputeClient;
let userUrl: string;
let network: ScopedKey;
let transformations: ScopedKey[];

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-client-test-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const stateStore = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
  closers.push(() => stateStore.close());
  const objectStore = await openObjectStore(`file:${join(directory, "objects")}`);
  closers.push(() => objectStore.close());
  for (const type of ["user", "compute"] as const) {
    await stateStore.identities.put(type, "name/with é", await hashKey(`${type} key`));
    await stateStore.identities.addScopes(type, "name/with é", [parseScope("org-*-*")]);
  }
  const anyPort = { host: "127.0.0.1", port: 0 };
  const server = createServer({
    stateStore,
    objectStore,
    jwtSecret: randomBytes(32).toString("hex"),
    logger: pino({ level: "silent" }),
    bindings: { user: anyPort, compute: anyPort },
  });
  await server.listen();
  closers.push(() => server.close());
  userUrl = server.userAddress ?? "";
  user = new AlchemiscaleClient({ url: userUrl, identifier: "name/with é", key: "user key" });
  compute = new AlchemiscaleComputeClient({
    url: server.computeAddress ?? "",
    identifier: "name/with é",
    key: "compute key",
    fetch: nodeFetch(),
  });
  network = await user.createNetwork(networkChain, scope);
  transformations = await user.getNetworkTransformations(network);
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test("the services name themselves, and the identity its scopes", async () => {
  expect(await user.ping()).toBe("AlchemiscaleAPI");
  expect(await compute.ping()).toBe("AlchemiscaleComputeAPI");
  expect(await user.info()).toHaveProperty("message");
  expect(await user.getScopes()).toEqual(["org-*-*"]);
});

test("a wrong key is a refused login", async () => {
  const wrong = new AlchemiscaleClient({ url: userUrl, identifier: "name/with é", key: "another" });
  await expect(wrong.queryNetworks()).rejects.toBeInstanceOf(LoginRefused);
});

test("a network comes back as it was sent", async () => {
  const sent = sliceKeyedChain(networkChain);
  const received = sliceKeyedChain(await user.getNetwork(network));
  expect(received.root.key).toBe(sent.root.key);
  expect(new Map(received.entries.map(({ key, text }) => [key, text]))).toEqual(
    new Map(sent.entries.map(({ key, text }) => [key, text])),
  );
});

test("objects are found by query and relation", async () => {
  expect(await user.exists(network)).toBe(true);
  expect(await user.queryNetworks({ scope: parseScope("org-campaign-*") })).toEqual([network]);
  expect(await user.queryNetworks({ name: "no such" })).toEqual([]);
  expect(transformations).toHaveLength(15);
  expect((await user.queryTransformations({ scope })).toSorted()).toEqual(transformations.toSorted());
  const systems = await user.getNetworkChemicalSystems(network);
  expect((await user.queryChemicalSystems()).toSorted()).toEqual(systems.toSorted());
  const [transformation] = transformations;
  if (transformation === undefined) throw new Error("no transformation");
  const ends = await user.getTransformationChemicalSystems(transformation);
  expect(ends).toHaveLength(2);
  expect(systems).toEqual(expect.arrayContaining(ends));
  expect(await user.getTransformationNetworks(transformation)).toEqual([network]);
  expect(sliceKeyedChain(await user.getChemicalSystem(ends[0] ?? network)).root.qualname).toBe("ChemicalSystem");
});

test("state and weight of a network are set and read", async () => {
  expect(await user.setNetworkState(network, "inactive")).toBe(network);
  expect(await user.getNetworkState(network)).toBe("inactive");
  expect(await user.queryNetworks()).toEqual([]);
  expect(await user.queryNetworks({ state: null })).toEqual([network]);
  await user.setNetworkState(network, "active");
  expect(await user.setNetworkWeight(network, 0.25)).toBe(network);
  expect(await user.getNetworkWeight(network)).toBe(0.25);
});

test("Tasks are created, actioned, counted, cancelled, set aside", async () => {
  const [transformation, other] = transformations;
  if (transformation === undefined || other === undefined) throw new Error("no transformation");
  const [first, second] = await user.createTasks(transformation, { count: 2 });
  if (first === undefined || second === undefined) throw new Error("no Task");
  const [child] = await user.createTransformationsTasks([transformation], { extends: [first] });
  if (child === undefined) throw new Error("no Task");
  const tasks = [first, second, child];
  expect(await user.getTaskTransformation(child)).toBe(transformation);
  expect((await user.getTransformationTasks(transformation)).toSorted()).toEqual(tasks.toSorted());
  expect(await user.getTransformationTasks(transformation, { extends: first })).toEqual([child]);
  expect((await user.getNetworkTasks(network, { status: "waiting" })).toSorted()).toEqual(tasks.toSorted());
  expect(await user.queryTasks({ scope, status: "complete" })).toEqual([]);
  expect(await user.actionTasks(network, [first, second, first])).toEqual([first, second, null]);
  expect(await user.getNetworkActionedTasks(network)).toEqual(
    new Map([
      [first, 0.5],
      [second, 0.5],
    ]),
  );
  expect(await user.cancelTasks(network, [second, child])).toEqual([second, null]);
  expect(await user.setTasksStatus([child], "invalid")).toEqual([child]);
  expect(await user.getTasksStatus(tasks)).toEqual(["waiting", "waiting", "invalid"]);
  const counts = { waiting: 2, invalid: 1 };
  expect(await user.getNetworkStatus(network)).toEqual(counts);
  expect(await user.getTransformationStatus(transformation)).toEqual(counts);
  expect(await user.getTransformationStatus(other)).toEqual({});
  expect(await user.getScopeStatus(parseScope("org-*-*"))).toEqual(counts);
});

test("a service claims a Task, sends results and failures, and they are read back", async () => {
  const [, transformation] = transformations;
  if (transformation === undefined) throw new Error("no transformation");
  const tasks = await user.createTasks(transformation, { count: 3 });
  await user.actionTasks(network, tasks);
  await expect(compute.claim({ service, count: 1 })).rejects.toMatchObject({ status: 409 });
  await expect(compute.heartbeat(service)).rejects.toMatchObject({ status: 409 });
  await compute.register(service);
  await compute.heartbeat(service);
  expect(await compute.claim({ service, count: 1, protocols: ["Another"] })).toEqual({ denied: false, tasks: [] });
  expect(await compute.claim({ service, count: 1, scopesExclude: [scope] })).toEqual({ denied: false, tasks: [] });
  const { tasks: claimed } = await compute.claim({
    service,
    count: 9,
    scopes: [scope],
    protocols: ["HarmonicSwitchingProtocol"],
  });
  expect(claimed).toEqual(expect.arrayContaining(tasks));
  const [ok, failed, none] = tasks;
  if (ok === undefined || failed === undefined || none === undefined) throw new Error("no Task");
  const content = await compute.getTaskTransformation(ok);
  expect(sliceKeyedChain(content.transformation).root.key).toBe(transformation.split("-", 2).join("-"));
  expect(content.extended).toBeNull();

  const post = async (task: ScopedKey, chain: string) =>
    compute.postResult(task, await encodeResult({ bytes: new TextEncoder().encode(chain) }, service));
  const reference = await post(ok, resultChain);
  expect(await post(ok, resultChain)).toBe(reference);
  const failure = await post(failed, failedChain);
  await compute.postFailure(none, { service, exception: "ValueError: no", traceback: "Traceback: no" });
  expect(await user.getTasksStatus(tasks)).toEqual(["complete", "error", "error"]);
  expect(await user.getTransformationResults(transformation)).toEqual([reference]);
  expect(await user.getTaskResults(ok)).toEqual([reference]);
  expect(await user.getTransformationFailures(transformation)).toContain(failure);
  expect(await user.getTaskFailures(failed)).toEqual([failure]);
  const stored = await user.getResult(transformation, reference);
  expect(zstdDecompressSync(stored).toString()).toBe(resultChain);
  const storedFailure = await user.getResult(transformation, failure, { route: "failures" });
  expect(zstdDecompressSync(storedFailure).toString()).toBe(failedChain);

  const [child] = await user.createTasks(transformation, { extends: ok });
  if (child === undefined) throw new Error("no Task");
  expect((await compute.getTaskTransformation(child)).extended).toEqual(stored);
  await compute.deregister(service);
  await compute.deregister(service);
});
