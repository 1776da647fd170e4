import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import type { Transaction } from "../transaction.ts";
import { findTasks } from "./find-tasks.ts";

export async function getStatuses(tx: Transaction, tasks: readonly (ScopedKey | null)[]): Promise<(TaskStatus | null)[]> {
  return (await findTasks(tx, tasks)).map((task) => task?.status ?? null);
}
