/** Which Tasks are on which hub, with or without their weights (user-api §5.6). */
import type { ScopedKey, userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { requireNetwork } from "../networks/require-network.ts";

export const networkActionedTasks: Handler<typeof userRoutes.networkActionedTasks> = async ({ context, params, body }) => {
  requireNetwork(params.network);
  const [weights] = await context.stateStore.hubs.actionedTasks([params.network]);
  return keysOrWeights(weights, body.task_weights);
};

export const networksActionedTasks: Handler<typeof userRoutes.networksActionedTasks> = async ({ context, body }) => {
  for (const key of body.networks) requireNetwork(key);
  const found = await context.stateStore.hubs.actionedTasks(body.networks);
  return found.map((weights) => keysOrWeights(weights, body.task_weights));
};

export const taskActionedNetworks: Handler<typeof userRoutes.taskActionedNetworks> = async ({ context, params, body }) =>
  keysOrWeights(await context.stateStore.hubs.actionedNetworks(params.task), body.task_weights);

function keysOrWeights(weights: ReadonlyMap<ScopedKey, number> | undefined, withWeights: boolean) {
  if (withWeights) return Object.fromEntries(weights ?? []);
  return [...(weights?.keys() ?? [])];
}
