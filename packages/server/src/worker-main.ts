/** What runs in each worker thread. */
import { parentPort } from "node:worker_threads";
import { HttpError } from "./transport/http-error.ts";
import { handedOver, workerTasks } from "./worker-tasks.ts";
import type { WorkerReply, WorkerRequest } from "./worker-threads.ts";

parentPort?.on("message", async ({ id, task, input }: WorkerRequest) => {
  let reply: WorkerReply;
  let transfer: ArrayBuffer[] = [];
  try {
    const output = await (workerTasks[task] as (input: unknown) => unknown)(input);
    transfer = (await (handedOver[task] as ((output: unknown) => Promise<ArrayBuffer[]>) | undefined)?.(output)) ?? [];
    reply = { id, ok: true, output };
  } catch (error) {
    reply =
      error instanceof HttpError
        ? { id, ok: false, status: error.status, detail: error.detail }
        : { id, ok: false, status: null, message: String(error), stack: error instanceof Error ? error.stack : undefined };
  }
  parentPort?.postMessage(reply, transfer);
});
