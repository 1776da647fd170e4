/** Puts Tasks on a network's hub and takes them off (user-api §6.3). */
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { badRequest } from "../../transport/http-error.ts";
import { isWeight } from "../networks/network-weights.ts";
import { requireNetwork } from "../networks/require-network.ts";

/** Weights are checked before anything is done: a bad one changes nothing. */
export const actionTasks: Handler<typeof userRoutes.actionTasks> = ({ context, params, body, caller }) => {
  requireNetwork(params.network);
  const weight = body.weight ?? null;
  if (typeof weight === "number" && !isWeight(weight)) throw badRequest("weight must be between 0 and 1 (inclusive)");
  if (Array.isArray(weight)) {
    if (weight.length !== body.tasks.length) throw badRequest("weight (when in a list) must have the same length as tasks");
    if (!weight.every(isWeight)) throw badRequest("weights must be between 0 and 1 (inclusive)");
  }
  return context.stateStore.hubs.action(params.network, body.tasks, weight, { identity: caller.identity });
};

export const cancelTasks: Handler<typeof userRoutes.cancelTasks> = ({ context, params, body, caller }) => {
  requireNetwork(params.network);
  return context.stateStore.hubs.cancel(params.network, body.tasks, { identity: caller.identity });
};
