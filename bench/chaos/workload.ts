import { setTimeout as wait } from "node:timers/promises";
import { type AlchemiscaleClient, ApiError, ConnectionError, noRetries } from "@alchemiscale/client";
import { gufeKeyOf, parseScope, type ScopedKey, scopedKey } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { type HarmonicNetwork, harmonicNetwork } from "../networks/harmonic-network.ts";
import type { RandomNumbers } from "../networks/random-numbers.ts";
import type { Journal } from "./journal.ts";

export interface WorkloadOptions {
  /** Clients of servers on the same stores; each request goes to one of them. They repeat what is safe to repeat. */
  readonly clients: readonly AlchemiscaleClient[];
  readonly journal: Journal;
  readonly random: RandomNumbers;
  /** Tasks actioned and not done, at most. */
  readonly outstanding: number;
  readonly pauseSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * A user at work until the signal aborts: submits networks (and some again), creates Tasks, some extending others, actions them, and changes
 * priorities and weights. Writes down what was acknowledged.
 */
export async function runWorkload(options: WorkloadOptions): Promise<void> {
  const { journal, random, signal } = options;
  const client = (): AlchemiscaleClient => random.pick(options.clients);
  const submitted: { readonly network: HarmonicNetwork; readonly key: ScopedKey }[] = [];
  while (!signal.aborted) {
    if (submitted.length > 0 && (await outstanding(client(), journal)) >= options.outstanding) {
      // There is work enough; Tasks that nobody actions keep the server writing, so that kills fall into requests.
      const { network, key } = random.pick(submitted);
      for (let i = 0; i < 5 && !signal.aborted; i += 1) await createTasks(client(), journal, random, network, key);
      await wait(100, undefined, { signal }).catch(() => {});
      continue;
    }
    if (submitted.length === 0 || random.next() < 0.15) {
      // Some are submitted twice, which must change nothing.
      const again = submitted.length > 0 && random.next() < 0.3;
      const seed = again ? random.below(submitted.length) + 1 : submitted.length + 1;
      const network = harmonicNetwork({ seed, wells: 5, pauseSeconds: options.pauseSeconds });
      const key = await submit(client(), journal, network, parseScope(`chaos-c-p${seed % 3}`));
      if (!again) submitted.push({ network, key });
    }
    const { network, key } = random.pick(submitted);
    const tasks = await createTasks(client(), journal, random, network, key);
    await actionTasks(client(), journal, random, key, tasks);
    if (tasks.length > 0 && random.next() < 0.5) await setPriority(client(), journal, random, tasks);
    if (random.next() < 0.1) await client().setNetworkWeight(key, 0.25 + random.next() / 2);
  }
}

async function outstanding(client: AlchemiscaleClient, journal: Journal): Promise<number> {
  const done = new Set(journal.results.map(({ task }) => task));
  const open = [...journal.actioned.keys()].filter((task) => !done.has(task));
  if (open.length === 0) return 0;
  const statuses = await client.getTasksStatus(open);
  return statuses.filter((status) => status === "waiting" || status === "running").length;
}

async function submit(
  client: AlchemiscaleClient,
  journal: Journal,
  network: HarmonicNetwork,
  scope: ReturnType<typeof parseScope>,
): Promise<ScopedKey> {
  const key = await client.createNetwork(network.text, scope);
  if (gufeKeyOf(key) !== network.networkKey) journal.violations.push(`${network.networkKey} was stored as ${key}`);
  const { entries } = sliceKeyedChain(network.text);
  journal.networks.set(key, { scope, entries: new Map(entries.map((entry) => [entry.key, entry.text])) });
  return key;
}

/** Creation is not safe to repeat: a lost reply leaves it open whether there are new Tasks. */
async function createTasks(
  client: AlchemiscaleClient,
  journal: Journal,
  random: RandomNumbers,
  network: HarmonicNetwork,
  key: ScopedKey,
): Promise<readonly ScopedKey[]> {
  const scope = journal.networks.get(key)?.scope;
  if (scope === undefined) throw new Error(`${key} is not in the journal`);
  const fails = random.next() < 0.1;
  const transformation = scopedKey(fails ? network.failingKey : random.pick(network.transformationKeys), scope);
  const known = journal.tasks.get(transformation) ?? { acknowledged: [], unsure: [] };
  journal.tasks.set(transformation, known);
  const count = fails ? 1 : 1 + random.below(8);
  // Only Tasks that will be complete are extended; what extends a failed one would wait for ever.
  const parents = known.acknowledged.filter((task) => journal.actioned.has(task));
  const extended = !fails && parents.length > 0 && random.next() < 0.3 ? random.pick(parents) : null;
  try {
    const tasks = await client.createTasks(transformation, { count, extends: extended, retries: noRetries });
    if (tasks.length !== count) journal.violations.push(`${count} Tasks were asked for, ${tasks.length} created`);
    known.acknowledged.push(...tasks);
    return tasks;
  } catch (error) {
    if (!isLost(error)) throw error;
    known.unsure.push(count);
    return [];
  }
}

async function actionTasks(
  client: AlchemiscaleClient,
  journal: Journal,
  random: RandomNumbers,
  network: ScopedKey,
  tasks: readonly ScopedKey[],
): Promise<void> {
  if (tasks.length === 0) return;
  // Repeated, it answers null for what the lost request has done already; so the reply is not looked at.
  await client.actionTasks(network, tasks, { weight: 0.1 + 0.9 * random.next() });
  for (const task of tasks) journal.actioned.set(task, network);
}

async function setPriority(
  client: AlchemiscaleClient,
  journal: Journal,
  random: RandomNumbers,
  tasks: readonly ScopedKey[],
): Promise<void> {
  const priority = BigInt(1 + random.below(20));
  for (const task of tasks) journal.priorities.set(task, new Set([...(journal.priorities.get(task) ?? []), priority]));
  const body = `{"tasks": [${tasks.map((task) => JSON.stringify(task)).join(", ")}], "priority": ${priority}}`;
  await client.connection.text({ method: "POST", path: "/bulk/tasks/priority/set", body });
  for (const task of tasks) journal.priorities.set(task, new Set([priority]));
}

/** Whether a request may or may not have been carried out. */
function isLost(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && error.status === 503);
}
