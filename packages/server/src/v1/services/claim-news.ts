/** `GET /v1/computeservices/{service}/claims`: a compute service hears at once when one of its claims ends. */
import { claimNewsMedia, type computeRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { tokenExpiry } from "../token-expiry.ts";
import type { News } from "./claim-watch.ts";

/** A listener who takes nothing for so long is cut off; its next request begins with all that it claims. */
const slowMs = 60_000;

export const claimNews: Handler<typeof computeRoutes.claimNews> = async ({ context, params, request, response }) => {
  const gone = new AbortController();
  if (response.closed || request.socket.destroyed) gone.abort();
  else response.once("close", () => gone.abort());
  request.socket.setTimeout(slowMs);
  const ended = AbortSignal.any([gone.signal, context.closing, ...tokenExpiry(request.headers.authorization)]);
  return new StreamedReply(claimNewsMedia, lines(context.live.claimWatch.listen(params.service, ended)), {
    headers: { "cache-control": "no-store", "x-accel-buffering": "no", connection: "close" },
  });
};

async function* lines(news: AsyncIterable<News | null>): AsyncGenerator<string> {
  for await (const each of news) yield each === null ? "\n" : `${JSON.stringify(each)}\n`;
}
