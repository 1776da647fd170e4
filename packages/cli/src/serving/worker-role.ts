/** What a worker is told by the process that began it: not read again, as files and standard input may have changed since. */
import cluster from "node:cluster";
import type { ApiSettings } from "./api-settings.ts";

export interface WorkerRole {
  /** From 0. One that takes the place of another has the same. */
  readonly slot: number;
  readonly settings: ApiSettings;
}

const variable = "ALCHEMISCALE_WORKER_ROLE";

/** Null in a process that is no worker. */
export function workerRole(): WorkerRole | null {
  const text = process.env[variable];
  return cluster.isWorker && text !== undefined ? (JSON.parse(text) as WorkerRole) : null;
}

/** The environment of a worker, beside that of this process. */
export function environmentOfWorker(role: WorkerRole): Record<string, string> {
  return { [variable]: JSON.stringify(role) };
}
