import { createHash } from "node:crypto";
import { AlchemiscaleClient, AlchemiscaleComputeClient, noRetries } from "@alchemiscale/client";
import { encodeResult } from "@alchemiscale/client/node";
import { type ComputeServiceId, parseComputeServiceId, parseScope, type ScopedKey, scopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { harmonicNetwork } from "../networks/harmonic-network.ts";
import type { RandomNumbers } from "../networks/random-numbers.ts";
import { syntheticResult } from "../networks/synthetic-result.ts";
import type { Identities } from "../servers/alchemiscale-server.ts";
import { acknowledgedFetch, type Exchange } from "./acknowledged-fetch.ts";
import type { Promises } from "./promises.ts";

export interface WorkloadOptions {
  readonly userUrl: string;
  readonly computeUrl: string;
  readonly identities: Identities;
  readonly promises: Promises;
  readonly random: RandomNumbers;
  /** Distinguishes the networks of one run from those of another. */
  readonly run: number;
  readonly signal: AbortSignal;
}

/** Two users and four compute services at work until the signal aborts or the server is gone. Notes what they were promised. */
export async function runRecordedWorkload(options: WorkloadOptions): Promise<void> {
  const services = [1, 2, 3, 4].map((number) => service(options, number));
  await Promise.all([user(options, 1), user(options, 2), ...services]);
}

/** The last request of a client that makes one at a time. */
class Line {
  last: Exchange | null = null;
  readonly fetch = acknowledgedFetch((exchange) => {
    this.last = exchange;
  });
}

async function user({ userUrl, identities, promises, random, run, signal }: WorkloadOptions, number: number): Promise<void> {
  const line = new Line();
  const client = new AlchemiscaleClient({ url: userUrl, ...identities.user, fetch: line.fetch, retries: noRetries });
  const scope = parseScope(`cut-c${number}-p${run}`);
  for (let seed = 1; !signal.aborted; seed += 1) {
    const network = harmonicNetwork({ seed: 1000 * number + seed, wells: 3 + random.below(20), pauseSeconds: 1 });
    const key = scopedKey(network.networkKey, scope);
    const entries = new Map(sliceKeyedChain(network.text).entries.map((entry) => [entry.key, entry.text]));
    const submitted: Promises["networks"][number] = { key, entries, exchange: null };
    promises.networks.push(submitted);
    const gone = await isGone(client.createNetwork(network.text, scope), signal);
    if (gone) return;
    submitted.exchange = line.last;
    for (let i = 0; i < 6 && !signal.aborted; i += 1) {
      const transformation = scopedKey(random.pick(network.transformationKeys), scope);
      const created = { transformation, count: 1 + random.below(6), tasks: [] as ScopedKey[], exchange: null as Exchange | null };
      promises.tasks.push(created);
      if (
        await isGone(
          client.createTasks(transformation, { count: created.count }).then((t) => created.tasks.push(...t)),
          signal,
        )
      )
        return;
      created.exchange = line.last;
      const { tasks } = created;
      for (const task of tasks) promises.give(promises.statuses, task, "waiting").exchange = line.last;

      const priority = BigInt(1 + random.below(20));
      const prioritised = tasks.map((task) => promises.give(promises.priorities, task, priority));
      const body = `{"tasks": [${tasks.map((task) => JSON.stringify(task)).join(", ")}], "priority": ${priority}}`;
      if (await isGone(client.connection.text({ method: "POST", path: "/bulk/tasks/priority/set", body }), signal)) return;
      for (const given of prioritised) given.exchange = line.last;

      if (random.next() < 0.25) {
        // Never actioned, so that no service is at work on them.
        const status = random.next() < 0.5 ? ("invalid" as const) : ("deleted" as const);
        const ended = tasks.map((task) => promises.give(promises.statuses, task, status));
        if (await isGone(client.setTasksStatus(tasks, status), signal)) return;
        for (const given of ended) given.exchange = line.last;
        continue;
      }
      const actioned = tasks.map((task) => {
        const given = { value: true, exchange: null as Exchange | null };
        promises.actioned.set(task, { network: key, given: [given] });
        return given;
      });
      if (await isGone(client.actionTasks(key, tasks, { weight: 0.5 }), signal)) return;
      for (const given of actioned) given.exchange = line.last;
    }
    const weighed = promises.give(promises.weights, key, Math.round(100 * (0.1 + 0.8 * random.next())) / 100);
    if (await isGone(client.setNetworkWeight(key, weighed.value), signal)) return;
    weighed.exchange = line.last;
  }
}

async function service(options: WorkloadOptions, number: number): Promise<void> {
  const { computeUrl, identities, promises, random, run, signal } = options;
  const line = new Line();
  const client = new AlchemiscaleComputeClient({ url: computeUrl, ...identities.compute, fetch: line.fetch, retries: noRetries });
  const id: ComputeServiceId = parseComputeServiceId(`cut${run}x${number}-${random.hex(8)}-0000-4000-8000-000000000000`);
  if (await isGone(client.register(id), signal)) return;
  while (!signal.aborted) {
    let tasks: readonly ScopedKey[] = [];
    const claiming = client.claim({ service: id, count: 1 + random.below(3) }).then((reply) => {
      tasks = reply.tasks;
    });
    if (await isGone(claiming, signal)) return;
    for (const task of tasks) promises.give(promises.statuses, task, "running").exchange = line.last;
    for (const task of tasks) {
      const transformation = promises.tasks.find((created) => created.tasks.includes(task))?.transformation;
      // A Task whose creation was not answered belongs to nobody here.
      if (transformation === undefined) continue;
      if (random.next() < 0.15) {
        const failed = promises.give(promises.statuses, task, "error");
        const failure = { service: id, exception: "Cut", traceback: "Traceback (most recent call last)" };
        if (await isGone(client.postFailure(task, failure), signal)) return;
        failed.exchange = line.last;
        continue;
      }
      const text = syntheticResult(1000 + random.below(random.next() < 0.1 ? 300_000 : 20_000), {
        seed: 1 + random.below(2 ** 30),
      });
      const body = await encodeResult({ bytes: Buffer.from(text) }, id);
      const result: Promises["results"][number] = {
        task,
        transformation,
        digest: createHash("sha256").update(text).digest("hex"),
        reference: null,
        exchange: null,
      };
      promises.results.push(result);
      const completed = promises.give(promises.statuses, task, "complete");
      const posting = client.postResult(task, body).then((reference) => {
        result.reference = reference;
      });
      if (await isGone(posting, signal)) return;
      result.exchange = line.last;
      completed.exchange = line.last;
    }
  }
}

/** Waits for a request. True where there was no answer because the server has been ended; other failures are thrown. */
async function isGone(request: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  try {
    await request;
    return false;
  } catch (error) {
    if (signal.aborted) return true;
    throw error;
  }
}
