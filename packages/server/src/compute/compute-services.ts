/** Registrations of compute services (compute-api §3.2). */
import { computeManagerName, type computeRoutes } from "@alchemiscale/contract";
import { ManagerNotFound } from "@alchemiscale/statestore";
import type { ServerContext } from "../server-context.ts";
import type { Handler } from "../transport/handler.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";

/** Repeated, as a client's retry does, it refreshes the registration and keeps the claims. */
export const registerService: Handler<typeof computeRoutes.registerService> = async ({ context, params, body, caller }) => {
  const manager = body.compute_manager_id ?? null;
  try {
    await context.stateStore.services.register(params.service, {
      managerName: manager === null ? null : computeManagerName(manager),
      // Services of 0.6 do not send the key at all, which is how they are known (compute-api §6).
      sentManagerKey: "compute_manager_id" in body,
      identity: caller.identity,
      host: body.host ?? null,
      versions: body.versions ?? null,
    });
  } catch (error) {
    if (error instanceof ManagerNotFound) throw unprocessable(error.message);
    throw error;
  }
  return params.service;
};

export const deregisterService: Handler<typeof computeRoutes.deregisterService> = async ({ context, params, caller }) => {
  await context.stateStore.services.deregister(params.service, {
    identity: caller.identity,
    service: params.service,
    reason: "the service deregistered",
  });
  return params.service;
};

/** Its own registration first, then those that have been silent for too long: a late beat never ends the one who sends it. */
export const heartbeat: Handler<typeof computeRoutes.heartbeat> = async ({ context, params }) => {
  const known = await context.stateStore.services.heartbeat(params.service);
  await expireServices(context);
  if (!known) throw new HttpError(409, `the compute service ${params.service} is not registered; register it again`);
  return params.service;
};

/**
 * Ends the registrations of services without a heartbeat; the Tasks that they held wait again. The store spares them after a time in
 * which nobody could beat.
 */
export async function expireServices(context: Pick<ServerContext, "stateStore" | "limits" | "logger">): Promise<void> {
  const before = Date.now() - context.limits.registrationExpireSeconds * 1000;
  const expired = await context.stateStore.services.expire(before * 1000);
  if (expired.length > 0) context.logger.warn({ services: expired }, "compute services expired");
}
