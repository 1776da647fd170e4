/** Reads whole request bodies of bounded size; gzip is undone off the event loop (user-api §1.2). */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { badRequest, HttpError } from "./http-error.ts";

const decompress = promisify(gunzip);

/** True for a body that is announced as gzip, in any letter case. */
export function isGzipped(request: IncomingMessage): boolean {
  return request.headers["content-encoding"]?.trim().toLowerCase() === "gzip";
}

/**
 * The body, with gzip undone where it is announced.
 * @param maxBytes limit of the body as it comes and of what it unpacks to
 * @throws {HttpError} 413 above the limit, 400 for gzip that cannot be undone
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

/** The chunks of a body. Leaving the loop early leaves the connection in order, for the answer and for what is still to come. */
export function bodyChunks(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}

export function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, `the request body is larger than ${maxBytes} bytes (after decompression), the limit of this server`);
}

export function unparsableBody(): HttpError {
  return badRequest("There was an error parsing the body");
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
