import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type LoadOutcome, type LoadPlan, type LoadReply, stopMessage } from "./load-plan.ts";

/** A running process that makes load, one plan at a time. */
export interface LoadGenerator {
  /** @throws {LoadFailed} when a request fails or is refused. */
  run(plan: LoadPlan): Promise<LoadOutcome>;
  /** Ends the plan that is running, early; its outcome comes as usual. */
  endPlan(): void;
  stop(): Promise<void>;
}

export class LoadFailed extends Error {
  override readonly name = "LoadFailed";
}

export function startLoadGenerator(): LoadGenerator {
  const child: ChildProcess = fork(new URL("./load-process.ts", import.meta.url), { serialization: "advanced" });
  const exited = once(child, "exit");
  return {
    run: async (plan) => {
      child.send(plan);
      const answered = once(child, "message") as Promise<[LoadReply]>;
      const ended = exited.then(([code, signal]) => {
        throw new LoadFailed(`the process that makes load ended (${signal ?? code})`);
      });
      const [reply] = await Promise.race([answered, ended]);
      if ("failure" in reply) throw new LoadFailed(reply.failure);
      return reply.outcome;
    },
    endPlan: () => {
      child.send(stopMessage);
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
