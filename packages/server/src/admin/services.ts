/** `/v1/admin/services`, `/v1/admin/failures`: the compute services that are registered, an end to one that nobody can stop otherwise, and what failed. */
import type { adminRoutes } from "@alchemiscale/contract";
import type { Handler } from "../transport/handler.ts";
import { HttpError } from "../transport/http-error.ts";
import { isoOf } from "./instants.ts";

export const listServices: Handler<typeof adminRoutes.listServices> = async ({ context }) => ({
  services: (await context.stateStore.services.list()).map(({ registered, heartbeat, versions, ...service }) => ({
    ...service,
    versions: versions === null ? null : { ...versions },
    registered: isoOf(registered),
    heartbeat: isoOf(heartbeat),
  })),
});

const mostInPage = 1000;

export const listFailures: Handler<typeof adminRoutes.listFailures> = async ({ context, query }) => {
  const { name, before } = query;
  const limit = Math.min(query.limit ?? mostInPage, mostInPage);
  // One more than asked for says whether there is another page.
  const found = await context.stateStore.services.failures({
    limit: limit + 1,
    ...(name === undefined ? {} : { name }),
    ...(before === undefined ? {} : { before }),
  });
  const page = found.slice(0, limit);
  return {
    failures: page.map(({ id: _, at, ...failure }) => ({ at: isoOf(at), ...failure })),
    next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
};

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
