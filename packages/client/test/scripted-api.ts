import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** One request that the server saw; `body` is decompressed. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A reply; `"drop"` closes the connection without one. */
export type Reply = { readonly status?: number; readonly json?: unknown; readonly text?: string } | "drop";

export interface ScriptedApi {
  readonly url: string;
  readonly seen: Seen[];
  /** Requests but those for tokens. */
  calls(): Seen[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A real HTTP server on a free port that answers what `answer` says; `/token` gives `token1`, `token2`, … unless it says otherwise. */
export async function scriptedApi(
  answer: (request: Seen) => Reply | undefined | Promise<Reply | undefined>,
): Promise<ScriptedApi> {
  const seen: Seen[] = [];
  let tokens = 0;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
    seen.push(request);
    let reply = await answer(request);
    if (reply === undefined && request.path === "/token") {
      tokens += 1;
      reply = { json: { access_token: `token${tokens}`, token_type: "bearer" } };
    }
    if (reply === "drop") {
      incoming.socket.destroy();
      return;
    }
    const { status = 200, json, text = JSON.stringify(json ?? null) } = reply ?? {};
    outgoing.writeHead(status, { "content-type": "application/json" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    calls: () => seen.filter((request) => request.path !== "/token"),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
