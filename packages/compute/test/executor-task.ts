import { parseScopedKey } from "@alchemiscale/contract";
import type { ExecutorTask } from "../src/index.ts";

/** A Task of a Transformation (a keyed chain), with its files in one directory. */
export function executorTask(transformation: string, directory: string, more: Partial<ExecutorTask> = {}): ExecutorTask {
  return {
    task: parseScopedKey("Task-1-o-c-p"),
    transformation,
    extended: null,
    retries: 1,
    sharedBasedir: directory,
    scratchBasedir: directory,
    keepShared: false,
    keepScratch: false,
    ...more,
  };
}
