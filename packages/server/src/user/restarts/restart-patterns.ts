/** Restart patterns: failures after which a Task is tried again by itself (user-api §5.7, §6.4). */
import type { userRoutes } from "@alchemiscale/contract";
import { InvalidPattern, NetworkNotFound } from "@alchemiscale/statestore";
import type { Handler } from "../../transport/handler.ts";
import { badRequest, unprocessable } from "../../transport/http-error.ts";
import { requireNetwork } from "../networks/require-network.ts";

/** Errored Tasks on the hub are decided on at once: one that no pattern matches leaves it. */
export const addRestartPatterns: Handler<typeof userRoutes.addRestartPatterns> = async ({ context, params, body, caller }) => {
  requireNetwork(params.network);
  const actor = { identity: caller.identity };
  try {
    await context.stateStore.restarts.add(params.network, body.patterns, body.num_allowed_restarts, actor);
  } catch (error) {
    if (error instanceof InvalidPattern) throw unprocessable(error.message);
    if (error instanceof NetworkNotFound) throw badRequest(error.message);
    throw error;
  }
  return null;
};

export const removeRestartPatterns: Handler<typeof userRoutes.removeRestartPatterns> = async (call) => {
  const { context, params, body, caller } = call;
  requireNetwork(params.network);
  await context.stateStore.restarts.remove(params.network, body.patterns, { identity: caller.identity });
  return null;
};

/** A GET with an effect, and a list of one in reply: both are what clients know. */
export const clearRestartPatterns: Handler<typeof userRoutes.clearRestartPatterns> = async ({ context, params, caller }) => {
  requireNetwork(params.network);
  await context.stateStore.restarts.clear(params.network, { identity: caller.identity });
  return [params.network];
};

export const setMaxRetries: Handler<typeof userRoutes.setMaxRetries> = async ({ context, params, body, caller }) => {
  requireNetwork(params.network);
  const { patterns, max_retries: maxRetries } = body;
  await context.stateStore.restarts.setMaxRetries(params.network, patterns, maxRetries, { identity: caller.identity });
  return null;
};

/** An entry for every network that was asked for: clients look them up by key. */
export const getRestartPatterns: Handler<typeof userRoutes.getRestartPatterns> = async ({ context, body }) => {
  for (const network of body.networks) requireNetwork(network);
  const found = await context.stateStore.restarts.get(body.networks);
  return Object.fromEntries(
    body.networks.map((network, i) => [
      network,
      (found[i] ?? []).map(({ pattern, maxRetries }): [string, number] => [pattern, maxRetries]),
    ]),
  );
};
