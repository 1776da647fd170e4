/** Queries for networks, transformations and chemical systems in the scopes of the caller (user-api §5.3). */
import type { userRoutes } from "@alchemiscale/contract";
import { queriedScopes } from "../../transport/access.ts";
import type { Handler } from "../../transport/handler.ts";
import { refusingBadPatterns } from "./refusing-bad-patterns.ts";

export const queryNetworks: Handler<typeof userRoutes.queryNetworks> = ({ context, query, caller }) => {
  const { name, state } = query;
  const filter = {
    scopes: queriedScopes(caller, query),
    ...(name !== undefined && { name }),
    ...(state !== undefined && { state }),
  };
  return refusingBadPatterns(() => context.stateStore.networks.query(filter));
};

export const queryTransformations: Handler<typeof userRoutes.queryTransformations> = async ({ context, query, caller }) => {
  const { name } = query;
  return await context.stateStore.networks.queryTransformations({
    scopes: queriedScopes(caller, query),
    ...(name !== undefined && { name }),
  });
};

export const queryChemicalSystems: Handler<typeof userRoutes.queryChemicalSystems> = async ({ context, query, caller }) => {
  const { name } = query;
  return await context.stateStore.networks.queryChemicalSystems({
    scopes: queriedScopes(caller, query),
    ...(name !== undefined && { name }),
  });
};
