/** The thread of the native executor: a Task comes as a message, its outcome goes back as one. */
import { parentPort } from "node:worker_threads";
import type { ExecutedDag } from "./execute-harmonic-dag.ts";
import { type NativeTask, runNativeTask } from "./run-native-task.ts";

export type NativeReply =
  | ({ readonly kind: "result" } & ExecutedDag)
  | { readonly kind: "failure"; readonly exception: string; readonly traceback: string };

parentPort?.on("message", async (task: NativeTask) => {
  let reply: NativeReply;
  try {
    reply = { kind: "result", ...(await runNativeTask(task)) };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    reply = { kind: "failure", exception: `${name}: ${message}`, traceback: stack ?? message };
  }
  parentPort?.postMessage(reply);
});
