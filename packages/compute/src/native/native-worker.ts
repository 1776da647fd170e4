/** A thread of the native executor: a job comes as a message, its answer goes back as one. */
import { parentPort } from "node:worker_threads";
import { assembleNative, executeNative, failNativeUnit, type NativeJob, prepareNative, runNativeUnit } from "./native-jobs.ts";

export type NativeAnswer =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failure"; readonly exception: string; readonly traceback: string };

async function work(job: NativeJob): Promise<unknown> {
  switch (job.job) {
    case "prepare":
      return prepareNative(job.task, job.journal, job);
    case "execute":
      return executeNative(job.task, job.journal, job);
    case "unit":
      return runNativeUnit(job.prepared, job.unit, job);
    case "fail":
      return failNativeUnit(job.prepared, job.unit, job);
    case "assemble":
      return assembleNative(job.prepared);
  }
}

parentPort?.on("message", async (job: NativeJob) => {
  let answer: NativeAnswer;
  try {
    answer = { kind: "done", value: await work(job) };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    answer = { kind: "failure", exception: `${name}: ${message}`, traceback: stack ?? message };
  }
  parentPort?.postMessage(answer);
});
