import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { findTasks } from "../tasks/find-tasks.ts";
import { moveTasks } from "../tasks/move-tasks.ts";
import type { Transaction } from "../transaction.ts";

const selectService = statement<{ identifier: string }, { id: number }>(
  (p) => sql`select id from service where identifier = ${p.identifier}`,
);

/** Gives claims back that the service never heard of: what it still holds of `tasks` waits again. Those that wait again now. */
export async function releaseClaims(
  tx: Transaction,
  service: ComputeServiceId,
  tasks: readonly ScopedKey[],
  actor: Actor,
): Promise<ScopedKey[]> {
  const registration = await tx.first(selectService, { identifier: service });
  if (registration === undefined) return [];
  const held = (await findTasks(tx, tasks, { lock: true })).filter(
    (task) => task !== null && task.status === "running" && task.service === registration.id,
  );
  const distinct = [...new Map(held.flatMap((task) => (task === null ? [] : [[task.id, task] as const]))).values()];
  await moveTasks(tx, distinct, "waiting", actor);
  return distinct.map((task) => task.key);
}
