import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gufeKeyOf, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import { type ObjectStore, openObjectStore, resultPathsToTry } from "@alchemiscale/objectstore";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import type { Exchange } from "./acknowledged-fetch.ts";
import { allowed, type Promises } from "./promises.ts";

/** The moment of a loss of power, in terms of what had been acknowledged. */
export interface Cut {
  /** Records of the log that lie before it. */
  readonly records: number;
  readonly isAcknowledged: (exchange: Exchange | null) => boolean;
}

/**
 * Opens the stores of a rebuilt data directory as the server would, and holds what is there against what was promised before the cut.
 * @returns what is wrong, as sentences.
 */
export async function checkRebuilt(data: string, promises: Promises, cut: Cut): Promise<string[]> {
  const file = join(data, "state.sqlite");
  let store: StateStore;
  try {
    store = await openStateStore(`sqlite:${file}`, { readers: 1 });
  } catch (error) {
    return [`the state store cannot be opened: ${error instanceof Error ? error.message : error}`];
  }
  const objects = await openObjectStore(`file:${join(data, "objects")}`);
  try {
    return [
      ...(await identities(store, promises, cut)),
      ...(await networks(store, promises, cut)),
      ...(await tasks(store, promises, cut)),
      ...(await results(store, objects, promises, cut)),
      ...(await visibleObjects(objects, promises)),
      ...invariants(file),
    ];
  } finally {
    await Promise.all([store.close(), objects.close()]);
  }
}

async function identities(store: StateStore, promises: Promises, cut: Cut): Promise<string[]> {
  const wrong: string[] = [];
  for (const { identifier, type, records } of promises.identities) {
    if (records > cut.records) continue;
    const found = await store.identities.get(type, identifier);
    if (found === null || found.scopes.length !== 1) wrong.push(`the ${type} identity ${identifier}, or its scope, is lost`);
  }
  return wrong;
}

async function networks(store: StateStore, promises: Promises, cut: Cut): Promise<string[]> {
  const wrong: string[] = [];
  for (const { key, entries, exchange } of promises.networks) {
    const chain = await store.objects.chain(key);
    if (chain === null) {
      if (cut.isAcknowledged(exchange)) wrong.push(`${key} was acknowledged and is lost`);
      continue;
    }
    const changed = chain.filter((object) => entries.get(object.key) !== object.text).length;
    if (changed > 0 || chain.length !== entries.size) wrong.push(`${key} is there in part: ${chain.length} of ${entries.size}`);
  }
  const weighed = [...promises.weights.keys()];
  (await store.networks.getWeights(weighed)).forEach((weight, i) => {
    const values = allowed(promises.weights.get(weighed[i] as ScopedKey) ?? [], cut.isAcknowledged);
    if (values !== undefined && !values.includes(weight ?? Number.NaN)) {
      wrong.push(`${weighed[i]} has the weight ${weight}, acknowledged: ${values.join(" or ")}`);
    }
  });
  return wrong;
}

async function tasks(store: StateStore, promises: Promises, cut: Cut): Promise<string[]> {
  const wrong: string[] = [];
  // Whole requests or nothing of them: all the Tasks of a Transformation are those of some of the requests.
  for (const [transformation, requests] of Map.groupBy(promises.tasks, (request) => request.transformation)) {
    const found = new Set((await store.tasks.ofTransformation(transformation)).map(({ task }) => task));
    for (const { tasks, exchange } of requests) {
      const there = tasks.filter((task) => found.has(task)).length;
      if (cut.isAcknowledged(exchange) && there < tasks.length) {
        wrong.push(`of ${tasks.length} acknowledged Tasks of ${transformation}, ${there} are there`);
      } else if (there !== 0 && there !== tasks.length) wrong.push(`${there} of ${tasks.length} Tasks of one request are there`);
      for (const task of tasks) found.delete(task);
    }
    const unanswered = requests.filter(({ exchange }) => exchange === null).map(({ count }) => count);
    if (found.size !== 0 && !unanswered.includes(found.size)) {
      wrong.push(`${found.size} Tasks of ${transformation} belong to no request; without an answer: ${unanswered.join(", ")}`);
    }
  }

  const known = [...promises.statuses.keys()];
  const statuses = await store.tasks.getStatuses(known);
  const priorities = await store.tasks.getPriorities(known);
  const hubs = new Map<ScopedKey, ReadonlyMap<ScopedKey, number>>();
  for (const network of new Set([...promises.actioned.values()].map((actioned) => actioned.network))) {
    hubs.set(network, (await store.hubs.actionedTasks([network]))[0] ?? new Map());
  }
  for (const [i, task] of known.entries()) {
    const status = statuses[i] ?? null;
    const values = allowed(promises.statuses.get(task) ?? [], cut.isAcknowledged);
    const actioned = promises.actioned.get(task);
    const asked = actioned !== undefined && allowed(actioned.given, cut.isAcknowledged) !== undefined;
    // Whom a claim that was not answered has given to the service is not known.
    const mayRun = actioned !== undefined && values?.at(-1) === "waiting";
    if (values !== undefined && !(status !== null && values.includes(status)) && !(mayRun && status === "running")) {
      wrong.push(`${task} is ${status ?? "gone"}, acknowledged: ${values.join(" or ")}`);
    }
    const given = allowed(promises.priorities.get(task) ?? [], cut.isAcknowledged);
    const priority = priorities[i] ?? null;
    if (given !== undefined && !(priority !== null && given.includes(priority))) {
      wrong.push(`${task} has priority ${priority}, acknowledged: ${given.join(" or ")}`);
    }
    if (asked && (status === "waiting" || status === "running") && !hubs.get(actioned.network)?.has(task)) {
      wrong.push(`${task} is ${status} and no longer actioned`);
    }
  }
  return wrong;
}

async function results(store: StateStore, objects: ObjectStore, promises: Promises, cut: Cut): Promise<string[]> {
  const wrong: string[] = [];
  for (const [task, sent] of Map.groupBy(promises.results, (result) => result.task)) {
    if ((await store.tasks.getStatuses([task]))[0] == null) continue;
    const digests = new Set(sent.map(({ digest }) => digest));
    const stored = new Set(await store.results.ofTask(task, true));
    for (const { reference, exchange } of sent) {
      if (reference !== null && cut.isAcknowledged(exchange) && !stored.has(reference)) {
        wrong.push(`${reference} of ${task} was acknowledged and is lost`);
      }
    }
    const [{ transformation }] = sent as [(typeof sent)[0]];
    for (const reference of stored) {
      const found = await store.results.get(reference);
      if (found === null) {
        wrong.push(`${reference} of ${task} has no row`);
        continue;
      }
      const { org, campaign, project } = scopedKeyParts(reference);
      const at = {
        org,
        campaign,
        project,
        transformationKey: gufeKeyOf(transformation),
        ok: found.ok,
        resultKey: found.resultKey,
      };
      const [path] = resultPathsToTry(at, found.location) as [string];
      const content = await read(objects, path);
      if (content === null) wrong.push(`${reference} has a row and no object at ${path}`);
      else if (!digests.has(content)) wrong.push(`the object of ${reference} is not what was sent: ${content}`);
    }
  }
  return wrong;
}

/** What can be seen in the object store is whole, also where nobody refers to it. */
async function visibleObjects(objects: ObjectStore, promises: Promises): Promise<string[]> {
  const wrong: string[] = [];
  const sent = new Set(promises.results.map(({ digest }) => digest));
  for await (const { path } of objects.list("protocoldagresult")) {
    const content = await read(objects, path);
    if (content === null || !sent.has(content)) wrong.push(`${path} is there and not whole: ${content}`);
  }
  return wrong;
}

/** SHA-256 of the content of a stored result; what is wrong with it where it cannot be read; null where it is not there. */
async function read(objects: ObjectStore, path: string): Promise<string | null> {
  if (!(await objects.exists(path))) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await objects.get(path)).body) chunks.push(chunk);
  try {
    return createHash("sha256")
      .update(decompressZstd(Buffer.concat(chunks), { maxBytes: 2 ** 28 }))
      .digest("hex");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const queries: readonly (readonly [what: string, sql: string])[] = [
  ["running Tasks without a claim, or claims of others", "select count(*) from task where (status = 1) <> (service is not null)"],
  [
    "complete Tasks without a good result",
    "select count(*) from task t where status = 2 and not exists (select 1 from result r where r.task = t.id and r.ok = 1)",
  ],
  ["results of no Task", "select count(*) from result r where not exists (select 1 from task t where t.id = r.task)"],
  [
    "Tasks of no Transformation",
    "select count(*) from task t where not exists (select 1 from transformation x where x.id = t.transformation)",
  ],
  [
    "actioned Tasks that are not there",
    "select count(*) from actioned a where not exists (select 1 from task t where t.id = a.task)",
  ],
  [
    "claimable Tasks without a draw, or draws of others",
    "select count(*) from actioned a join task t on t.id = a.task where t.extends is null and (a.draw is not null) <> (t.status = 0 and a.weight > 0)",
  ],
  [
    "references to objects that are not there",
    "select count(*) from object_reference r where not exists (select 1 from object o where o.id = r.target)",
  ],
  ["networks without their object", "select count(*) from network n where not exists (select 1 from object o where o.id = n.id)"],
  [
    "Tasks without an event of their creation",
    "select count(*) from task t where not exists (select 1 from event e where e.task = t.id)",
  ],
];

function invariants(file: string): string[] {
  const database = new DatabaseSync(file);
  try {
    const wrong: string[] = [];
    const check = database.prepare("pragma integrity_check").all() as { integrity_check: string }[];
    if (check.length !== 1 || check[0]?.integrity_check !== "ok")
      wrong.push(`integrity check: ${JSON.stringify(check.slice(0, 3))}`);
    for (const [what, sql] of queries) {
      const count = Object.values(database.prepare(sql).get() ?? {})[0];
      if (count !== 0) wrong.push(`${what}: ${count}`);
    }
    return wrong;
  } finally {
    database.close();
  }
}
