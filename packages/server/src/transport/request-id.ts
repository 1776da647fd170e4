/** The id of a request: the caller's `X-Request-Id` where it is a plain word, else a new one. Logged, and sent back. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

export function requestId(request: Pick<IncomingMessage, "headers">): string {
  const given = request.headers["x-request-id"];
  // What others send is written into logs: nothing that could look like something else there.
  return typeof given === "string" && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : randomUUID();
}
