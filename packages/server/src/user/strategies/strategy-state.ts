/** The strategy of a network and how it is doing (user-api §5.9). Null where there is none, also for what is no network. */
import type { userRoutes } from "@alchemiscale/contract";
import type { Instant } from "@alchemiscale/statestore";
import { chainReply } from "../../submission/chain-reply.ts";
import type { Handler } from "../../transport/handler.ts";

export const strategy: Handler<typeof userRoutes.strategy> = async ({ context, params }) => {
  const found = await context.stateStore.strategies.get(params.network);
  const entries = found === null ? null : await context.stateStore.objects.chain(found.strategy);
  return entries === null ? null : chainReply(entries);
};

export const strategyState: Handler<typeof userRoutes.strategyState> = async ({ context, params }) => {
  const found = await context.stateStore.strategies.get(params.network);
  if (found === null) return null;
  const { state } = found;
  return {
    mode: state.mode,
    status: state.status,
    iterations: state.iterations,
    sleep_interval: state.sleepInterval,
    last_iteration: state.lastIteration === null ? null : isoText(state.lastIteration),
    last_iteration_result_count: state.lastIterationResultCount,
    max_tasks_per_transformation: state.maxTasksPerTransformation,
    task_scaling: state.taskScaling,
    exception: state.exception === null ? null : [state.exception[0], state.exception[1]],
    traceback: state.traceback,
  };
};

export const strategyStatus: Handler<typeof userRoutes.strategyStatus> = async ({ context, params }) =>
  (await context.stateStore.strategies.get(params.network))?.state.status ?? null;

export const wakeStrategy: Handler<typeof userRoutes.wakeStrategy> = ({ context, params, caller }) =>
  context.stateStore.strategies.wake(params.network, { identity: caller.identity });

/** UTC with microseconds, as Python writes it. */
function isoText(instant: Instant): string {
  const seconds = Math.floor(instant / 1_000_000);
  const micros = String(instant - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}+00:00`;
}
