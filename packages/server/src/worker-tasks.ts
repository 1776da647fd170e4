/** The work that threads do; each is also a plain function that tests call directly. */
import { receiveResult } from "./results/receive-result.ts";
import { readSubmissionBytes } from "./submission/read-submission.ts";
import { mismatchedKeys } from "./submission/verify-keys.ts";

export const workerTasks = { readSubmissionBytes, mismatchedKeys, receiveResult } as const;

export type WorkerTasks = typeof workerTasks;
