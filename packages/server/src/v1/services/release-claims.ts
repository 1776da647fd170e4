/** `POST /v1/computeservices/{service}/release`: claims that a service gives back while it stays registered. */
import type { computeRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";

export const releaseClaims: Handler<typeof computeRoutes.releaseClaims> = async ({ context, params, body, caller }) => {
  const { service } = params;
  const released = await context.stateStore.claims.release(service, body.tasks, {
    identity: caller.identity,
    service,
    reason: body.reason ?? "the service gave the claim back",
  });
  return { released };
};
