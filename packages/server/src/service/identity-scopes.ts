/** `GET /identities/{identity}/scopes`: the scopes as they are now, which a token may not know yet. */
import type { computeRoutes, userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../transport/handler.ts";

export const userScopes: Handler<typeof userRoutes.identityScopes> = ({ context, params }) =>
  context.stateStore.identities.listScopes("user", params.identity);

export const computeScopes: Handler<typeof computeRoutes.identityScopes> = ({ context, params }) =>
  context.stateStore.identities.listScopes("compute", params.identity);
