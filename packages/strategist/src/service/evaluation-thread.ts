import { Worker } from "node:worker_threads";
import type { EvaluationTasks } from "./evaluation-tasks.ts";

export interface EvaluationRequest {
  readonly task: keyof EvaluationTasks;
  readonly input: unknown;
}

export type EvaluationReply =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly message: string; readonly stack: string | undefined };

/** Reading a large network, and planning on it, must neither hold the event loop nor take the process with it. */
const megabytes = 2048;

/** A thread that does one thing at a time. It is started with the first. */
export class EvaluationThread {
  #worker: Worker | undefined;

  /** @throws what the work threw; or that the thread has ended, and the next call starts another one. */
  async run<Name extends keyof EvaluationTasks>(
    task: Name,
    input: Parameters<EvaluationTasks[Name]>[0],
  ): Promise<ReturnType<EvaluationTasks[Name]>> {
    this.#worker ??= new Worker(new URL("./evaluation-main.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    });
    const worker = this.#worker;
    const reply = await new Promise<EvaluationReply>((resolve, reject) => {
      let failure: unknown = new Error("the thread of an evaluation has ended");
      worker.removeAllListeners();
      worker.once("message", resolve);
      worker.once("error", (error) => {
        failure = error;
      });
      worker.once("exit", () => {
        this.#worker = undefined;
        reject(failure);
      });
      worker.postMessage({ task, input } satisfies EvaluationRequest);
    });
    if (reply.ok) return reply.output as ReturnType<EvaluationTasks[Name]>;
    throw Object.assign(new Error(reply.message), reply.stack === undefined ? {} : { stack: reply.stack });
  }

  /** Work in progress fails. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
