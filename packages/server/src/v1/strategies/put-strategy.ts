/** `PUT`, `DELETE` and `POST …/settings` of `/v1/networks/{network}/strategy`. */
import { scopeOf, type userRoutes } from "@alchemiscale/contract";
import { NetworkNotFound, type StrategySettings } from "@alchemiscale/statestore";
import { readStackBytes } from "../../submission/read-stack.ts";
import { refuseChangedObjects } from "../../submission/refuse-changed-objects.ts";
import type { Handler } from "../../transport/handler.ts";
import { HttpError } from "../../transport/http-error.ts";
import { notFound } from "../../transport/problem.ts";
import { readBody } from "../../transport/request-body.ts";
import { requireNetwork } from "../require-class.ts";

/** Real ones have a few hundred bytes. */
const mostBytes = 4 * 1024 ** 2;

/** The state starts anew, whatever the network had before. */
export const putStrategy: Handler<typeof userRoutes.putStrategy> = async ({ context, params, caller, request }) => {
  const { network } = params;
  requireNetwork(network);
  const bytes = await readBody(request, Math.min(mostBytes, context.limits.maxChainBytes));
  const stack = readStackBytes({ bytes, strict: context.strictKeys });
  try {
    const set = await refuseChangedObjects(scopeOf(network), () =>
      context.stateStore.strategies.set(network, stack, { identity: caller.identity }),
    );
    if (set === null) throw new HttpError(500, "the strategy was not set");
    return set;
  } catch (error) {
    if (error instanceof NetworkNotFound) throw notFound(network);
    throw error;
  }
};

export const deleteStrategy: Handler<typeof userRoutes.deleteStrategy> = async ({ context, params, caller }) => {
  requireNetwork(params.network);
  await context.stateStore.strategies.set(params.network, null, { identity: caller.identity });
  return null;
};

/** What it has come to stays. */
export const changeStrategy: Handler<typeof userRoutes.changeStrategy> = async ({ context, params, caller, body }) => {
  const { network } = params;
  requireNetwork(network);
  const { mode, sleep_interval: sleepInterval, max_tasks_per_transformation: most, task_scaling: taskScaling } = body;
  const settings: Partial<StrategySettings> = {
    ...(mode !== undefined && { mode }),
    ...(sleepInterval !== undefined && { sleepInterval }),
    ...(most !== undefined && { maxTasksPerTransformation: most }),
    ...(taskScaling !== undefined && { taskScaling }),
  };
  const changed = await context.stateStore.strategies.change(network, settings, { identity: caller.identity });
  if (changed === null) throw notFound(`strategy of ${network}`);
  return changed;
};
