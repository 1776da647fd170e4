import { Agent, request } from "undici";
import type { Identity } from "../sides/side.ts";

/** Sends requests to one API of either server: the same bytes to both. */
export interface Requests {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  post(path: string, body: unknown): Promise<Timed>;
  /** `body`: bytes that are gzipped already. */
  postGzipped(path: string, body: Uint8Array): Promise<Timed>;
  /** Asks for gzip, as the Python client does. */
  get(path: string): Promise<Timed>;
  close(): Promise<void>;
}

export interface Timed {
  /** From before the request is written to the last byte of the reply. */
  readonly seconds: number;
  /** As sent: perhaps gzipped. */
  readonly bytes: Uint8Array;
  readonly gzipped: boolean;
}

/** @throws {Error} for a reply that is not 2xx, with its text */
export async function connect(origin: string, { identifier, key }: Identity): Promise<Requests> {
  // The Python servers close connections after 5 idle seconds.
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 1000,
    keepAliveMaxTimeout: 1000,
    pipelining: 1,
  });
  const login = await fetch(`${origin}/token`, {
    method: "POST",
    body: new URLSearchParams({ username: identifier, password: key }),
  });
  if (!login.ok) throw new Error(`${origin}/token was answered with ${login.status}`);
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };

  const send = async (
    method: "GET" | "POST",
    path: string,
    more: Readonly<Record<string, string>>,
    body?: string | Uint8Array,
  ): Promise<Timed> => {
    const begun = performance.now();
    const reply = await request(`${origin}${path}`, {
      method,
      headers: { ...headers, ...more },
      dispatcher,
      ...(body !== undefined && { body }),
    });
    const bytes = new Uint8Array(await reply.body.arrayBuffer());
    const seconds = (performance.now() - begun) / 1000;
    if (reply.statusCode < 200 || reply.statusCode > 299) {
      throw new Error(
        `${method} ${path} was answered with ${reply.statusCode}: ${new TextDecoder().decode(bytes).slice(0, 1000)}`,
      );
    }
    return { seconds, bytes, gzipped: reply.headers["content-encoding"] === "gzip" };
  };
  return {
    origin,
    headers,
    post: (path, body) => send("POST", path, {}, JSON.stringify(body)),
    postGzipped: (path, body) => send("POST", path, { "content-encoding": "gzip" }, body),
    get: (path) => send("GET", path, { "accept-encoding": "gzip" }),
    close: () => dispatcher.close(),
  };
}
