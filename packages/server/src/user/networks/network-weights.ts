/** The weight of a network's hub: the chance of its Tasks to be drawn among all hubs (user-api §5.4). */
import type { ScopedKey, userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";
import { isNetworkKey, requireNetwork } from "./require-network.ts";

export const getNetworkWeight: Handler<typeof userRoutes.getNetworkWeight> = async ({ context, params }) => {
  requireNetwork(params.network);
  const [weight] = await context.stateStore.networks.getWeights([params.network]);
  return weight ?? null;
};

export const setNetworkWeight: Handler<typeof userRoutes.setNetworkWeight> = async ({ context, params, body, caller }) => {
  requireWeights([params.network], [body]);
  const [network] = await context.stateStore.networks.setWeights([params.network], [body], { identity: caller.identity });
  return network ?? null;
};

export const getNetworkWeights: Handler<typeof userRoutes.getNetworkWeights> = ({ context, body }) => {
  for (const key of body.networks) requireNetwork(key);
  return context.stateStore.networks.getWeights(body.networks);
};

export const setNetworkWeights: Handler<typeof userRoutes.setNetworkWeights> = ({ context, body, caller }) => {
  requireWeights(body.networks, body.weights);
  return context.stateStore.networks.setWeights(body.networks, body.weights, { identity: caller.identity });
};

/** Range, class, length: the order in which the Python server tells them. */
function requireWeights(networks: readonly ScopedKey[], weights: readonly number[]): void {
  if (!weights.every(isWeight)) throw badRequest("all `weights` must be between 0 and 1 (inclusive)");
  if (!networks.every(isNetworkKey)) throw badRequest("a `networks` ScopedKey does not correspond to an `AlchemicalNetwork`");
  if (networks.length !== weights.length) throw badRequest("length of `networks` and `weights` must be the same");
}

/** False for NaN too. */
export function isWeight(value: number): boolean {
  return value >= 0 && value <= 1;
}
