/** Every route of administrators and who answers it. */
import type { adminRoutes } from "@alchemiscale/contract";
import { logIn } from "../service/token.ts";
import type { Handlers } from "../transport/handler.ts";
import {
  addIdentity,
  addIdentityScopes,
  disableIdentity,
  enableIdentity,
  expireIdentity,
  getIdentity,
  identityChanges,
  listIdentities,
  removeIdentity,
  removeIdentityScopes,
  setIdentityKey,
} from "./identities.ts";
import { endService, listFailures, listServices } from "./services.ts";

export const adminHandlers: Handlers<typeof adminRoutes> = {
  adminToken: ({ context, request }) => logIn(context.admin, request, context.logger),
  listIdentities,
  getIdentity,
  addIdentity,
  setIdentityKey,
  addIdentityScopes,
  removeIdentityScopes,
  disableIdentity,
  enableIdentity,
  expireIdentity,
  removeIdentity,
  identityChanges,
  listServices,
  listFailures,
  endService,
};
