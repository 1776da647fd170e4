import { randomUUID } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import { NetworkNotFound } from "../../errors.ts";
import type { Actor } from "../../state-store.ts";
import type { StrategySubmission } from "../../strategy-operations.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetworks } from "../networks/find-networks.ts";
import { storeObjects } from "../objects/store-objects.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { replaceMembers } from "./member-row.ts";
import { executionParameters } from "./strategy-row.ts";

const selectOld = statement<{ network: number }, { key: string; scope: number }>(
  (p) => sql`
    select o.key as key, n.scope as scope from network n join strategy y on y.network = n.id join object o on o.id = y.object
    where n.id = ${p.network}`,
);
const selectScope = statement<{ network: number }, { scope: number }>(
  (p) => sql`select scope from network where id = ${p.network}`,
);
const remove = statement<{ network: number }>((p) => sql`delete from strategy where network = ${p.network}`);
const insert = statement<{
  network: number;
  object: number;
  mode: string;
  status: string;
  iterations: number;
  sleepInterval: number;
  lastIteration: number | null;
  count: number;
  maxTasks: number;
  scaling: string;
  exceptionType: string | null;
  exceptionMessage: string | null;
  traceback: string | null;
  version: string;
  combine: string;
  maxGpuHours: number | null;
}>(
  (p) => sql`
    insert into strategy (network, object, mode, status, iterations, sleep_interval, last_iteration, last_iteration_result_count,
      max_tasks_per_transformation, task_scaling, exception_type, exception_message, traceback, version, combine, max_gpu_hours)
    values (${p.network}, ${p.object}, ${p.mode}, ${p.status}, ${p.iterations}, ${p.sleepInterval}, ${p.lastIteration}, ${p.count},
      ${p.maxTasks}, ${p.scaling}, ${p.exceptionType}, ${p.exceptionMessage}, ${p.traceback}, ${p.version},
      ${p.combine}, ${p.maxGpuHours})`,
);

/**
 * One strategy a network, one object for all networks of a scope that have it, each with a state of its own (§11).
 * @throws {NetworkNotFound} when setting; removing from a missing network does nothing.
 */
export async function setStrategy(
  tx: Transaction,
  network: ScopedKey,
  strategy: StrategySubmission | null,
  actor: Actor,
): Promise<ScopedKey | null> {
  const [found = null] = await findNetworks(tx, [network], { lock: true });
  if (found === null) {
    if (strategy === null) return null;
    throw new NetworkNotFound(`there is no network ${network}`, { network });
  }
  const old = await tx.first(selectOld, { network: found.id });
  await tx.run(remove, { network: found.id });
  if (strategy === null) await replaceMembers(tx, found.id, []);
  else await insertStrategy(tx, found.id, strategy);
  if (old !== undefined || strategy !== null) {
    await recordEvents(tx, "strategy", [{ network: found.id, from: old?.key ?? null, to: strategy?.key ?? null }], actor);
  }
  return strategy === null ? null : joinKey(strategy.key, splitKey(network)[1]);
}

async function insertStrategy(tx: Transaction, network: number, strategy: StrategySubmission): Promise<void> {
  const { scope = 0 } = (await tx.first(selectScope, { network })) ?? {};
  const { idOf } = await storeObjects(tx, scope, strategy.entries);
  const { mode, sleepInterval, maxTasksPerTransformation, taskScaling } = strategy.state;
  const { combine, maxGpuHours, members } = strategy.stack ?? {
    combine: "weighted",
    maxGpuHours: null,
    members: [{ key: strategy.key, weight: 1, role: "add", until: "done", maxGpuHours: null }],
  };
  await tx.run(insert, {
    ...executionParameters(strategy.state),
    network,
    object: idOf(strategy.key),
    mode,
    sleepInterval,
    maxTasks: maxTasksPerTransformation,
    scaling: taskScaling,
    version: randomUUID(),
    combine,
    maxGpuHours,
  });
  await replaceMembers(
    tx,
    network,
    members.map(({ key, ...rules }) => ({ ...rules, object: idOf(key) })),
    strategy.state.status,
  );
}
