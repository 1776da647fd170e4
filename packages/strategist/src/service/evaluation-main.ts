/** What runs in each thread of the strategist. */
import { parentPort } from "node:worker_threads";
import { evaluationTasks } from "./evaluation-tasks.ts";
import type { EvaluationReply, EvaluationRequest } from "./evaluation-thread.ts";

parentPort?.on("message", ({ task, input }: EvaluationRequest) => {
  let reply: EvaluationReply;
  try {
    reply = { ok: true, output: (evaluationTasks[task] as (input: unknown) => unknown)(input) };
  } catch (error) {
    reply = { ok: false, message: String(error), stack: error instanceof Error ? error.stack : undefined };
  }
  parentPort?.postMessage(reply);
});
