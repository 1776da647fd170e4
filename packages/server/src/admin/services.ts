/** `/v1/admin/services`: the compute services that are registered, and an end to one that nobody can stop otherwise. */
import type { adminRoutes } from "@alchemiscale/contract";
import type { Handler } from "../transport/handler.ts";
import { HttpError } from "../transport/http-error.ts";
import { isoOf } from "./instants.ts";

export const listServices: Handler<typeof adminRoutes.listServices> = async ({ context }) => ({
  services: (await context.stateStore.services.list()).map(({ service, identity, manager, registered, heartbeat, claims }) => ({
    service,
    identity,
    manager,
    registered: isoOf(registered),
    heartbeat: isoOf(heartbeat),
    claims,
  })),
});

/** A service that still runs is told 409 by its next heartbeat or claim, and registers again. */
export const endService: Handler<typeof adminRoutes.endService> = async ({ context, params, caller }) => {
  const { service } = params;
  if ((await context.stateStore.services.get(service)) === null) {
    throw new HttpError(404, `the compute service ${service} is not registered`);
  }
  const reason = "an administrator ended its registration";
  await context.stateStore.services.deregister(service, { identity: caller.identity, reason });
  context.logger.info({ service, by: caller.identity }, reason);
  return { service };
};
