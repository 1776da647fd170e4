/** Reads request bodies of bounded size, from senders of bounded slowness; gzip is undone off the event loop (user-api §1.2). */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { badRequest, HttpError } from "./http-error.ts";

const decompress = promisify(gunzip);

/** So much of a body must come within the server's patience: 16 KiB a minute, some 270 bytes a second, or what is left of it. */
const portionBytes = 16 * 1024;
const usualPatience = 60_000;
const patience = new WeakMap<IncomingMessage, number>();

/** The client went away before its body was read to the end; what came of it may have been the whole. */
export class RequestCut extends Error {
  override readonly name = "RequestCut";
}

/** Sets how many milliseconds {@link bodyChunks} waits for each portion of this request's body; a minute unless told. */
export function setPatience(request: IncomingMessage, milliseconds: number): void {
  patience.set(request, milliseconds);
}

/** True for a body that is announced as gzip, in any letter case. */
export function isGzipped(request: IncomingMessage): boolean {
  return request.headers["content-encoding"]?.trim().toLowerCase() === "gzip";
}

/**
 * The body, with gzip undone where it is announced.
 * @param maxBytes limit of the body as it comes and of what it unpacks to
 * @throws {HttpError} 413 above the limit, 408 for a sender that is too slow, 400 for gzip that cannot be undone
 * @throws {RequestCut}
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = await collect(request, maxBytes);
  if (!isGzipped(request)) return body;
  try {
    return await decompress(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw unparsableBody();
  }
}

/**
 * The chunks of a body. Leaving the loop early leaves the connection in order, for the answer and for what is still to come.
 * Only the time in which we wait for the sender counts against it, so that a slow disk of ours does not.
 * @throws {HttpError} 408
 * @throws {RequestCut}
 */
export async function* bodyChunks(request: IncomingMessage): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  const allowed = patience.get(request) ?? usualPatience;
  let left = allowed;
  let portion = 0;
  let waiting = false;
  try {
    for (;;) {
      const asked = performance.now();
      waiting = true;
      const next = await inTime(chunks.next().catch(cut), left);
      waiting = false;
      if (next.done === true) return;
      left -= performance.now() - asked;
      portion += next.value.length;
      if (portion >= portionBytes) {
        left = allowed;
        portion = 0;
      }
      yield next.value;
    }
  } finally {
    // It would answer only after the chunk that we have stopped waiting for.
    const returned = chunks.return?.().catch(() => {});
    if (!waiting) await returned;
  }
}

function cut(cause: unknown): never {
  throw new RequestCut("the request ended before its body was read", { cause });
}

export function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, `the request body is larger than ${maxBytes} bytes (after decompression), the limit of this server`);
}

export function unparsableBody(): HttpError {
  return badRequest("There was an error parsing the body");
}

async function inTime<T>(chunk: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([chunk, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The connection goes with it: the rest of the body cannot be waited for. */
function tooSlow(): HttpError {
  return new HttpError(408, "the request body comes too slowly: this server waits no longer for it", { connection: "close" });
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bodyChunks(request)) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}
