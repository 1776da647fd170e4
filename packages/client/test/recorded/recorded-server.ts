import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly gzip: boolean;
  readonly body: string;
}

export interface RecordedServer {
  readonly url: string;
  /** What was asked since the last call; logins are left out. */
  take(): SeenRequest[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A real HTTP server that answers with `reply`; `/token` gives a token for anybody, unless the reply to it is wanted. */
export async function recordedServer(
  reply: (request: SeenRequest) => { readonly status: number; readonly text: string },
): Promise<RecordedServer> {
  let seen: SeenRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const gzip = incoming.headers["content-encoding"] === "gzip";
    const raw = Buffer.concat(chunks);
    const [path = "", query = ""] = (incoming.url ?? "").split("?");
    if (path === "/token") {
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end('{"access_token": "a token", "token_type": "bearer"}');
      return;
    }
    const request = {
      method: incoming.method ?? "",
      path,
      query,
      authorization: incoming.headers.authorization,
      contentType: incoming.headers["content-type"],
      gzip,
      body: (gzip ? gunzipSync(raw) : raw).toString(),
    };
    seen.push(request);
    const { status, text } = reply(request);
    outgoing.writeHead(status, { "content-type": "application/json" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
