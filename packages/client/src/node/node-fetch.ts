import { pipeline, Readable } from "node:stream";
import { createGunzip, gunzipSync } from "node:zlib";
import { Agent, type Dispatcher, request } from "undici";
import type { ApiFetch, ApiFetchRequest } from "../api-connection.ts";

export interface NodeFetchOptions {
  /** False accepts any certificate. */
  readonly verify?: boolean;
}

/** Bodies up to so many bytes are passed on whole, and unpacked at once: sooner done than a stream is set up, or another thread asked. */
const smallBytes = 64 * 1024;
/** Replies that have no body. */
const withoutBody: readonly number[] = [204, 205, 304];

/**
 * What a client asks of `fetch`, for long requests and many small ones: Node's own gives up when a server takes more than five minutes to
 * answer, which the upload of a large result may do, and costs three times the processor time.
 */
export function nodeFetch(options: NodeFetchOptions = {}): ApiFetch {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { rejectUnauthorized: options.verify ?? true, timeout: 30_000 },
    // A server that was restarted must not be spoken to on a connection of its former life.
    keepAliveTimeout: 4_000,
  });
  return async (url, { method, headers, body, signal }) => {
    const sent = { "accept-encoding": "gzip", ...headers, ...(body instanceof Blob && { "content-length": `${body.size}` }) };
    return asResponse(
      await request(url, { dispatcher, method, headers: sent, body: await outgoing(body), signal: signal ?? null }),
    );
  };
}

async function outgoing(body: ApiFetchRequest["body"]): Promise<string | Uint8Array | Readable | null> {
  if (!(body instanceof Blob)) return body ?? null;
  return body.size <= smallBytes ? new Uint8Array(await body.arrayBuffer()) : Readable.from(body.stream());
}

async function asResponse({ statusCode, statusText, headers, body }: Dispatcher.ResponseData): Promise<Response> {
  const answered = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value ?? []].flat()) answered.append(name, one);
  const about = { status: statusCode, statusText, headers: answered };
  if (withoutBody.includes(statusCode)) {
    await body.dump();
    return new Response(null, about);
  }
  const gzipped = answered.get("content-encoding")?.toLowerCase() === "gzip";
  const length = answered.get("content-length");
  if (length !== null && Number(length) <= smallBytes) {
    const bytes = new Uint8Array(await body.arrayBuffer());
    return new Response(gzipped ? gunzipSync(bytes) : bytes, about);
  }
  // What goes wrong on the way ends both streams; the reader of the second is told.
  const plain = gzipped ? pipeline(body, createGunzip(), () => {}) : body;
  return new Response(Readable.toWeb(plain) as ReadableStream<Uint8Array>, about);
}
