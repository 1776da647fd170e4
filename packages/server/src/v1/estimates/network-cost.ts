/** `GET /v1/networks/{network}/cost`. */
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { notFound } from "../../transport/problem.ts";
import { requireNetwork } from "../require-class.ts";
import { storedDocument } from "./stored-document.ts";

/** Other networks that are learned from, at most. */
const mostOthers = 20;

export const networkCost: Handler<typeof userRoutes.networkCost> = async ({ context, caller, params, query }) => {
  const { network } = params;
  requireNetwork(network);
  const { estimates, networks } = context.stateStore;
  const stored = await storedDocument(context, () => estimates.ofNetwork(network), query.wait);
  if (stored === null) throw notFound(network);
  const others = (await networks.query({ scopes: caller.scopes })).filter((other) => other !== network).slice(-mostOthers);
  const cost = await context.estimator.networkCost(network, others, {
    wanted: query.wanted ?? 3,
    hardware: query.hardware ?? null,
    each: query.transformations ?? false,
  });
  if (cost === null) throw notFound(network);
  return { ...cost, ...stored.upToDate };
};
