/** What a client says about compressed replies, read from the raw header lines (user-api §1.5, compute-api §3.6). */
import type { IncomingMessage } from "node:http";

/**
 * The values of every `Accept-Encoding` line, in order. Node joins the lines of a header, which hides an empty line that a proxy
 * has left before its own; the raw lines keep it.
 */
export function acceptEncodingLines(request: IncomingMessage): string[] {
  const raw = request.rawHeaders;
  const lines: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() === "accept-encoding") lines.push(raw[i + 1] ?? "");
  }
  return lines;
}

/** True where the first line names gzip; an empty or absent one asks for the plain reply. */
export function acceptsGzip(lines: readonly string[]): boolean {
  return lines[0]?.includes("gzip") === true;
}
