/** Registrations of compute managers (compute-api §3.5, §9.1). One manager a name; its services find it by that name. */
import { type computeRoutes, isComputeManagerName } from "@alchemiscale/contract";
import { ManagerNameTaken } from "@alchemiscale/statestore";
import type { ServerContext } from "../../server-context.ts";
import type { Handler } from "../../transport/handler.ts";
import { unprocessable } from "../../transport/http-error.ts";

export const registerManager: Handler<typeof computeRoutes.registerManager> = async ({ context, params, body, caller }) => {
  try {
    await context.stateStore.managers.register(params.manager, { steal: body.steal ?? false, identity: caller.identity });
  } catch (error) {
    if (error instanceof ManagerNameTaken) throw unprocessable(error.message);
    throw error;
  }
  return params.manager;
};

/** One in ERROR stays, so that somebody sees it; an unknown one is fine. */
export const deregisterManager: Handler<typeof computeRoutes.deregisterManager> = async ({ context, params, caller }) => {
  await context.stateStore.managers.deregister(params.manager, {
    identity: caller.identity,
    reason: "the manager deregistered",
  });
  return params.manager;
};

/** The path holds the bare name: whoever clears an error need not know the UUID of the process that died. */
export const clearManagerError: Handler<typeof computeRoutes.clearManagerError> = async ({ context, params, caller }) => {
  if (!isComputeManagerName(params.name)) {
    throw unprocessable(`${params.name} is no name of a compute manager: give the name without the UUID`);
  }
  const cleared = await context.stateStore.managers.clearError(params.name, { identity: caller.identity });
  if (!cleared) {
    throw unprocessable(`Could not find an ERROR compute manager with the provided name and UUID: ${params.name}`);
  }
  return null;
};

/** Ends the registrations of managers that have not reported for too long; their services stay. After an outage as with services. */
export async function expireManagers(context: Pick<ServerContext, "stateStore" | "limits" | "logger">): Promise<void> {
  const okBefore = Date.now() - context.limits.managerExpireSeconds * 1000;
  const errorBefore = Date.now() - context.limits.managerExpireErrorSeconds * 1000;
  const expired = await context.stateStore.managers.expire(okBefore * 1000, errorBefore * 1000);
  if (expired.length > 0) context.logger.warn({ managers: expired }, "compute managers expired");
}
