/** The server's stream of what becomes of a service's claims (`GET /v1/computeservices/{service}/claims`). */
import type { ApiConnection, RetryPolicy } from "@alchemiscale/client";
import { type ComputeServiceId, claimNewsMedia, type ScopedKey } from "@alchemiscale/contract";

export type ClaimNews =
  | { readonly claims: readonly { readonly task: ScopedKey; readonly actioned: boolean }[] }
  | { readonly lost: ScopedKey; readonly status: string }
  | { readonly unactioned: ScopedKey }
  | { readonly registered: false };

/** Silence for longer than three signs of life is a dead connection. */
const idleMs = 50_000;

/**
 * Lines of the stream, which is taken up again when it is cut; each new one begins with all claims. `asking` is called before each
 * request. Ends when the service is not registered. Servers without the route: `ApiError` 404 or 405.
 */
export function claimNews(
  connection: ApiConnection,
  service: ComputeServiceId,
  options: { readonly signal: AbortSignal; readonly retries: RetryPolicy; readonly asking: () => void },
): AsyncGenerator<ClaimNews, void> {
  const { signal, retries, asking } = options;
  return connection.stream<ClaimNews>({
    request: () => {
      asking();
      return {
        method: "GET",
        path: `/v1/computeservices/${service}/claims`,
        headers: { accept: claimNewsMedia },
        notFoundIsFinal: true,
        signal,
        retries,
      };
    },
    read: newsOf,
    idleMs,
  });
}

/** True: cut before its end. */
async function* newsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<ClaimNews, boolean> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") continue;
      const news = JSON.parse(line) as ClaimNews;
      yield news;
      if ("registered" in news) return false;
    }
  }
  return true;
}
