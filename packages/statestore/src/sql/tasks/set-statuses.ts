import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { mayMove } from "../../rules/status-machine.ts";
import type { Actor } from "../../state-store.ts";
import type { Transaction } from "../transaction.ts";
import { findTasks } from "./find-tasks.ts";
import { moveTasks } from "./move-tasks.ts";

/** Null = missing, or not allowed by the status machine (§5.2). One reply for each position. */
export async function setStatuses(
  tx: Transaction,
  tasks: readonly (ScopedKey | null)[],
  status: TaskStatus,
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const found = await findTasks(tx, tasks, { lock: true });
  // Judging all before changing any gives what one after the other would: a cascade leads to the same status.
  const moved = found.map((task) => (task !== null && mayMove(task.status, status) ? task : null));
  const distinct = new Map(moved.flatMap((task) => (task === null ? [] : [[task.id, task]])));
  await moveTasks(tx, [...distinct.values()], status, actor);
  return moved.map((task) => task?.key ?? null);
}
