/** One line a request. */
import type { Route } from "@alchemiscale/contract";
import type { FastifyReply, FastifyRequest } from "fastify";

/** POSTs that only ask, or that services repeat all day. */
const routine = [
  /\/token$/,
  /\/(?:get|actioned)$/,
  /^\/bulk\/networks\/status$/,
  /claim$/,
  /\/(?:heartbeat|instruction|status)$/,
];

/**
 * Errors of the server at `warn` (their cause has its own line), refusals and whatever changed something at `info`; answers to questions
 * and routine at `debug`. The path goes without its query, which may hold anything; headers and bodies are never logged.
 */
export function logRequest(api: string, request: FastifyRequest, reply: FastifyReply): void {
  const status = reply.statusCode;
  const route: Route | undefined = request.routeOptions.config?.declared;
  const level = status >= 500 ? "warn" : status >= 400 || changesSomething(route) ? "info" : "debug";
  request.log[level](
    {
      api,
      method: request.method,
      path: request.url.split("?", 1)[0]?.slice(0, 500),
      status,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      // Null where nobody has been recognised.
      identity: request.caller?.identity || null,
    },
    "request",
  );
}

function changesSomething(route: Route | undefined): boolean {
  return route !== undefined && route.method !== "GET" && !routine.some((pattern) => pattern.test(route.path));
}
