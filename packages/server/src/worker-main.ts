/** What runs in each worker thread. */
import { parentPort } from "node:worker_threads";
import { HttpError } from "./transport/http-error.ts";
import { workerTasks } from "./worker-tasks.ts";
import type { WorkerReply, WorkerRequest } from "./worker-threads.ts";

parentPort?.on("message", async ({ id, task, input }: WorkerRequest) => {
  let reply: WorkerReply;
  try {
    reply = { id, ok: true, output: await (workerTasks[task] as (input: unknown) => unknown)(input) };
  } catch (error) {
    reply =
      error instanceof HttpError
        ? { id, ok: false, status: error.status, detail: error.detail }
        : { id, ok: false, status: null, message: String(error), stack: error instanceof Error ? error.stack : undefined };
  }
  parentPort?.postMessage(reply);
});
