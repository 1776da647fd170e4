import { startLoadGenerator } from "./load-generator.ts";
import type { LoadRequest } from "./load-plan.ts";

/** Requests one after another from a process of its own, `pauseMs` after each reply, while something else is measured. */
export interface BackgroundLoad {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly LoadRequest[];
  readonly pauseMs: number;
}

/** `stop` ends it and gives how long each answer took, in milliseconds. */
export function startBackgroundLoad({ origin, headers, requests, pauseMs }: BackgroundLoad): { stop(): Promise<Float64Array> } {
  const generator = startLoadGenerator();
  const lanes = [{ requests, times: Number.MAX_SAFE_INTEGER, pauseMs }];
  const outcome = generator.run({ origin, headers, lanes });
  return {
    stop: async () => {
      generator.endPlan();
      const { milliseconds } = await outcome;
      await generator.stop();
      return milliseconds;
    },
  };
}
