/** `GET /v1/computeservices/{service}/claims`: what a compute service claims; in a stream it hears at once when one of its claims ends. */
import { claimNewsMedia, type computeRoutes, grants, type Scope, type ScopedKey, scopeOf } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { TypedProblem } from "../../transport/problem.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { tokenExpiry } from "../token-expiry.ts";
import type { News } from "./claim-watch.ts";

/** A listener who takes nothing for so long is cut off; its next request begins with all that it claims. */
const slowMs = 60_000;

export const claimNews: Handler<typeof computeRoutes.claimNews> = async ({ context, params, caller, request, response }) => {
  if (request.headers.accept?.includes(claimNewsMedia) !== true) {
    const claims = await context.stateStore.claims.held(params.service);
    if (claims !== null) return { claims: claims.filter(({ task }) => grants(caller.scopes, scopeOf(task))) };
    throw new TypedProblem("service-not-registered", 409, `the compute service ${params.service} is not registered`);
  }
  const gone = new AbortController();
  if (response.closed || request.socket.destroyed) gone.abort();
  else response.once("close", () => gone.abort());
  request.socket.setTimeout(slowMs);
  const ended = AbortSignal.any([gone.signal, context.closing, ...tokenExpiry(request.headers.authorization)]);
  return new StreamedReply(claimNewsMedia, lines(context.live.claimWatch.listen(params.service, ended), caller.scopes), {
    headers: { "cache-control": "no-store", "x-accel-buffering": "no", connection: "close" },
  });
};

/** A token of narrower scopes than the service's own hears only of what lies inside of them. */
async function* lines(news: AsyncIterable<News | null>, scopes: readonly Scope[]): AsyncGenerator<string> {
  const visible = (task: ScopedKey): boolean => grants(scopes, scopeOf(task));
  for await (const each of news) {
    if (each === null) yield "\n";
    else if ("claims" in each) yield lineOf({ claims: each.claims.filter(({ task }) => visible(task)) });
    else if ("registered" in each || visible("lost" in each ? each.lost : each.unactioned)) yield lineOf(each);
  }
}

function lineOf(news: News): string {
  return `${JSON.stringify(news)}\n`;
}
