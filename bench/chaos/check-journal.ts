import { createHash } from "node:crypto";
import type { AlchemiscaleClient } from "@alchemiscale/client";
import { type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { overlaps } from "./executions.ts";
import type { Journal } from "./journal.ts";

/**
 * Holds what the server has now against what it acknowledged. Every difference is added to the journal's violations.
 * @returns the number of overlaps that the rule of expiry allows.
 */
export async function checkJournal(client: AlchemiscaleClient, journal: Journal, expiryMs: number): Promise<number> {
  await checkNetworks(client, journal);
  await checkTasks(client, journal);
  await checkPriorities(client, journal);
  await checkResults(client, journal);
  const found = overlaps(journal.executions, journal.signs, expiryMs);
  for (const { task, services, firstWasLive } of found) {
    if (firstWasLive) journal.violations.push(`${task} was executed by ${services[0]} and ${services[1]} at the same time`);
  }
  return found.filter(({ firstWasLive }) => !firstWasLive).length;
}

async function checkNetworks(client: AlchemiscaleClient, journal: Journal): Promise<void> {
  for (const [key, { entries }] of journal.networks) {
    const stored = new Map(sliceKeyedChain(await client.getNetwork(key)).entries.map((entry) => [entry.key, entry.text]));
    const differing = [...entries].filter(([name, text]) => stored.get(name) !== text).map(([name]) => name);
    if (differing.length > 0 || stored.size !== entries.size) {
      journal.violations.push(
        `${key} came back different: ${stored.size} entries of ${entries.size}; lost or changed: ${differing.join(", ")}`,
      );
    }
  }
}

async function checkTasks(client: AlchemiscaleClient, journal: Journal): Promise<void> {
  for (const [transformation, { acknowledged, unsure }] of journal.tasks) {
    const stored = new Set(await client.getTransformationTasks(transformation));
    for (const task of acknowledged) if (!stored.has(task)) journal.violations.push(`${task} was acknowledged and is lost`);
    // A request without a reply has created all of its Tasks or none.
    const extra = stored.size - acknowledged.length;
    if (!sums(unsure).has(extra)) {
      journal.violations.push(
        `${transformation} has ${extra} Tasks more than acknowledged; requests without a reply were for ${unsure.join(" + ") || "none"}`,
      );
    }
  }
  const tasks = [...journal.actioned.keys()];
  const actionedOn = new Map<ScopedKey, ReadonlySet<ScopedKey>>();
  for (const network of new Set(journal.actioned.values())) {
    actionedOn.set(network, new Set((await client.getNetworkActionedTasks(network)).keys()));
  }
  (await client.getTasksStatus(tasks)).forEach((status, i) => {
    const task = tasks[i] as ScopedKey;
    const network = journal.actioned.get(task) as ScopedKey;
    if (status === "complete") return;
    if (status === "error") {
      if (!actionedOn.get(network)?.has(task))
        journal.violations.push(`${task} is in error, and no longer actioned on ${network}`);
      return;
    }
    const where = actionedOn.get(network)?.has(task) ? "still actioned" : "no longer actioned";
    journal.violations.push(`${task} is ${status} in the end, and ${where} on ${network}`);
  });
}

/** All sums of some of the numbers. */
function sums(numbers: readonly number[]): Set<number> {
  const reached = new Set([0]);
  for (const number of numbers) {
    for (const sum of [...reached]) reached.add(sum + number);
  }
  return reached;
}

async function checkPriorities(client: AlchemiscaleClient, journal: Journal): Promise<void> {
  const tasks = [...journal.priorities.keys()];
  if (tasks.length === 0) return;
  const body = JSON.stringify({ tasks: tasks.map(scopedKeyParts) });
  const text = await client.connection.text({ method: "POST", path: "/bulk/tasks/priority/get", body });
  (JSON.parse(text) as (number | null)[]).forEach((priority, i) => {
    const allowed = journal.priorities.get(tasks[i] as ScopedKey);
    if (priority === null || !allowed?.has(BigInt(priority))) {
      journal.violations.push(`${tasks[i]} has priority ${priority}; acknowledged: ${[...(allowed ?? [])].join(" or ")}`);
    }
  });
}

async function checkResults(client: AlchemiscaleClient, journal: Journal): Promise<void> {
  for (const [task, results] of Map.groupBy(journal.results, (result) => result.task)) {
    const transformation = await client.getTaskTransformation(task);
    const stored = { results: new Set(await client.getTaskResults(task)), failures: new Set(await client.getTaskFailures(task)) };
    const seen = new Set<ScopedKey>();
    for (const { reference, digest } of results) {
      if (seen.has(reference)) continue;
      seen.add(reference);
      const route = stored.results.has(reference) ? "results" : stored.failures.has(reference) ? "failures" : undefined;
      if (route === undefined) {
        journal.violations.push(`${reference} of ${task} was acknowledged and is lost`);
        continue;
      }
      const bytes = await client.getResult(transformation, reference, { route });
      if (createHash("sha256").update(bytes).digest("hex") !== digest)
        journal.violations.push(`${reference} of ${task} came back with other bytes`);
    }
    // Posts without a reply may have been stored too; a repeated one never twice.
    const sent = journal.sent.get(task)?.size ?? 0;
    const kept = stored.results.size + stored.failures.size;
    if (kept > sent) journal.violations.push(`${task} has ${kept} references for ${sent} different results`);
  }
}
