import { randomUUID } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import type { StrategySettings } from "../../strategy-operations.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const update = statement<{
  network: number;
  mode: string | null;
  sleepInterval: number | null;
  maxTasks: number | null;
  scaling: string | null;
  version: string;
}>(
  (p) => sql`
    update strategy set mode = coalesce(cast(${p.mode} as text), mode), sleep_interval = coalesce(cast(${p.sleepInterval} as bigint), sleep_interval),
      max_tasks_per_transformation = coalesce(cast(${p.maxTasks} as bigint), max_tasks_per_transformation),
      task_scaling = coalesce(cast(${p.scaling} as text), task_scaling), version = ${p.version}
    where network = ${p.network}`,
);

/** What users own of a strategy, where it is given; its bookkeeping stays. Null where the network has no strategy. */
export async function changeStrategy(
  tx: Transaction,
  network: ScopedKey,
  settings: Partial<StrategySettings>,
  actor: Actor,
): Promise<ScopedKey | null> {
  const found = await findNetwork(tx, network);
  if (found === null) return null;
  const { mode = null, sleepInterval = null, maxTasksPerTransformation: maxTasks = null, taskScaling: scaling = null } = settings;
  const changed = await tx.run(update, { network: found.id, mode, sleepInterval, maxTasks, scaling, version: randomUUID() });
  if (changed === 0) return null;
  await recordEvents(tx, "strategy", [{ network: found.id, to: mode ?? "settings" }], actor);
  return network;
}
