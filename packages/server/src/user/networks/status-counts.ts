/** Counts of Tasks by status (user-api §5.5). */
import type { userRoutes } from "@alchemiscale/contract";
import { accessible } from "../../transport/access.ts";
import type { Handler } from "../../transport/handler.ts";
import { refusingBadPatterns } from "./refusing-bad-patterns.ts";

export const scopeStatus: Handler<typeof userRoutes.scopeStatus> = ({ context, params, query, caller }) => {
  const networkState = query.network_state;
  const scopes = accessible(caller, params.scope);
  return refusingBadPatterns(() =>
    context.stateStore.networks.scopeStatus({ scopes, ...(networkState !== undefined && { networkState }) }),
  );
};

export const networkStatus: Handler<typeof userRoutes.networkStatus> = async ({ context, params }) => {
  const [counts] = await context.stateStore.networks.statuses([params.network]);
  return counts ?? {};
};

export const networkStatuses: Handler<typeof userRoutes.networkStatuses> = ({ context, body }) =>
  context.stateStore.networks.statuses(body.networks);

export const transformationStatus: Handler<typeof userRoutes.transformationStatus> = ({ context, params }) =>
  context.stateStore.networks.transformationStatus(params.transformation);
