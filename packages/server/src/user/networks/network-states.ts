/** The state of networks: a mark that filters go by, nothing more (user-api §5.4, state-semantics §4). */
import { isNetworkState, type NetworkState, networkStates, type userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";
import { requireNetwork } from "./require-network.ts";

export const setNetworkStates: Handler<typeof userRoutes.setNetworkStates> = ({ context, body, caller }) => {
  const { networks, states } = body;
  if (networks.length !== states.length) throw badRequest("networks and states must have the same length");
  for (const key of networks) requireNetwork(key);
  return context.stateStore.networks.setStates(networks, states.map(requireState), { identity: caller.identity });
};

export const getNetworkStates: Handler<typeof userRoutes.getNetworkStates> = ({ context, body }) =>
  context.stateStore.networks.getStates(body.networks);

function requireState(text: string): NetworkState {
  if (isNetworkState(text)) return text;
  const states = networkStates.map((state) => `'${state}'`).join(", ");
  throw badRequest(`'${text}' is not a valid state. Valid values include: [${states}]`);
}
