/** Claims: Tasks for a compute service, from one hub or from any in some scopes (compute-api §3.3, §5). */
import { type ComputeServiceId, type computeRoutes, hasDashedUuid, intersectAll } from "@alchemiscale/contract";
import { ServiceNotRegistered } from "@alchemiscale/statestore";
import type { ServerContext } from "../server-context.ts";
import type { Handler } from "../transport/handler.ts";
import { HttpError, unprocessable } from "../transport/http-error.ts";

export const claimHubTasks: Handler<typeof computeRoutes.claimHubTasks> = async ({ context, params, body }) => {
  const request = {
    service: body.compute_service_id,
    count: requireCount(context, body.count),
    protocols: body.protocols ?? null,
  };
  const tasks = await refusingUnknownServices(() => context.stateStore.claims.claimFromHub(params.hub, request));
  context.measurements.claimed(tasks.filter((task) => task !== null).length);
  return tasks;
};

export const claim: Handler<typeof computeRoutes.claim> = async ({ context, body, caller }) => {
  const { compute_service_id: service } = body;
  const count = requireCount(context, body.count);
  const { denied, tasks } = await refusingUnknownServices(() =>
    context.stateStore.claims.claim({
      service,
      count,
      protocols: body.protocols ?? null,
      scopes: intersectAll(body.scopes, caller.scopes),
      exclude: body.scopes_exclude ?? [],
      forgiveBefore: (Date.now() - context.limits.forgiveTimeSeconds * 1000) * 1000,
      maxFailures: context.limits.maxFailures,
      failureMemory: context.limits.failuresAcrossRegistrations ? "history" : "registration",
      // The key alone, also with null, tells a service of 0.8.0 from older ones (compute-api §3.6).
      sentScopesExclude: "scopes_exclude" in body,
    }),
  );
  context.measurements.claimed(tasks.filter((task) => task !== null).length);
  if (!denied) return tasks;
  return (await diesOnNull(context, service)) ? Array<null>(count).fill(null) : null;
};

/** Services of 0.6 and Folding@Home ones crash on the `null` that means "denied"; they get a list without Tasks (compute-api §6). */
async function diesOnNull(context: ServerContext, service: ComputeServiceId): Promise<boolean> {
  if (hasDashedUuid(service)) return true;
  const registration = await context.stateStore.services.get(service);
  return registration?.sentManagerKey === false;
}

function requireCount(context: ServerContext, count: number): number {
  const most = context.limits.maxTasksPerCall;
  if (count > most) throw unprocessable(`count is ${count}; a service may claim at most ${most} tasks at once`);
  return Math.max(0, count);
}

async function refusingUnknownServices<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    // Not null, which would put the service to sleep for good, and not 404 or 503, which it would retry.
    if (error instanceof ServiceNotRegistered) throw new HttpError(409, error.message);
    throw error;
  }
}
