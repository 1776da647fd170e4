/** The strategy of a network and how it is doing (user-api §5.9). Null where there is none, also for what is no network. */
import type { userRoutes } from "@alchemiscale/contract";
import { scanMembers } from "@alchemiscale/gufe";
import type { Instant, ObjectText, StrategyState } from "@alchemiscale/statestore";
import { chainReply } from "../../submission/chain-reply.ts";
import type { Handler } from "../../transport/handler.ts";

export const strategy: Handler<typeof userRoutes.strategy> = async ({ context, params }) => {
  const found = await context.stateStore.strategies.describe(params.network);
  if (found === null) return null;
  const { members } = found;
  for (const { strategy: member } of members) {
    const entries = await context.stateStore.objects.chain(member);
    // A strategy alone is what its owner has set; of a stack, clients get what all of them can import.
    if (entries !== null && (members.length === 1 || isImportable(entries))) return chainReply(entries);
  }
  return null;
};

/** Whether every Python client has the package. */
function isImportable(entries: readonly ObjectText[]): boolean {
  const root = entries.at(-1);
  return root !== undefined && /^"stratocaster[."]/.test(scanMembers(root.text).get("__module__") ?? "");
}

export const strategyState: Handler<typeof userRoutes.strategyState> = async ({ context, params }) => {
  const found = await context.stateStore.strategies.get(params.network);
  if (found === null) return null;
  return stateReply(found.state);
};

/** As clients know it. */
export function stateReply(state: StrategyState) {
  return {
    mode: state.mode,
    status: state.status,
    iterations: state.iterations,
    sleep_interval: state.sleepInterval,
    last_iteration: state.lastIteration === null ? null : isoText(state.lastIteration),
    last_iteration_result_count: state.lastIterationResultCount,
    max_tasks_per_transformation: state.maxTasksPerTransformation,
    task_scaling: state.taskScaling,
    exception: pairOf(state.exception),
    traceback: state.traceback,
  };
}

export function pairOf(exception: StrategyState["exception"]): [string, string] | null {
  return exception === null ? null : [exception[0], exception[1]];
}

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
