/** `POST /v1/claim`: the claim across hubs that waits until there is something to do. */
import { type computeRoutes, intersectAll } from "@alchemiscale/contract";
import { ServiceNotRegistered } from "@alchemiscale/statestore";
import type { Handler } from "../../transport/handler.ts";
import { unprocessable } from "../../transport/http-error.ts";
import { TypedProblem } from "../../transport/problem.ts";
import type { Claimed, WaitingClaim } from "./waiting-claims.ts";

export const waitingClaim: Handler<typeof computeRoutes.waitingClaim> = async ({ context, body, caller, request, response }) => {
  const { limits, live } = context;
  if (body.count > limits.maxTasksPerCall) {
    throw unprocessable(`count is ${body.count}; a service may claim at most ${limits.maxTasksPerCall} tasks at once`);
  }
  const service = body.compute_service_id;
  const scopes = intersectAll(body.scopes, caller.scopes);
  const claim = (): WaitingClaim => ({
    service,
    count: body.count,
    protocols: body.protocols ?? null,
    scopes,
    exclude: body.scopes_exclude ?? [],
    forgiveBefore: (Date.now() - limits.forgiveTimeSeconds * 1000) * 1000,
    maxFailures: limits.maxFailures,
    // Services that know this route are newer than every one for which the difference matters.
    sentScopesExclude: true,
  });
  const gone = new AbortController();
  let claimed: Claimed | undefined;
  const onClose = (): void => {
    gone.abort();
    if (claimed !== undefined && !response.writableFinished) void live.claims.release(service, claimed.tasks, caller.identity);
  };
  // Who went away while his body was read closes nothing any more.
  if (response.closed || request.socket.destroyed) return { tasks: [], denied: false };
  response.once("close", onClose);
  try {
    const result = await live.claims.claim(claim, (body.wait ?? 0) * 1000, AbortSignal.any([gone.signal, context.closing]));
    claimed = result;
    // The client went away while the last step was taken: nobody will write this reply.
    if (response.closed || request.socket.destroyed) {
      response.off("close", onClose);
      await live.claims.release(service, result.tasks, caller.identity);
    }
    context.measurements.claimed(result.tasks.filter((task) => task !== null).length);
    return { tasks: [...result.tasks], denied: result.denied };
  } catch (error) {
    if (error instanceof ServiceNotRegistered) throw new TypedProblem("service-not-registered", 409, error.message);
    throw error;
  }
};
