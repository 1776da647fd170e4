/** One HTTP exchange, with exactly the headers that are given (and Host and Content-Length). */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { gunzipSync } from "node:zlib";

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked where the reply is gzip. */
  readonly text: string;
}

export function exchange(method: string, url: string, headers: Record<string, string>, body: Buffer | null): Promise<Received> {
  return new Promise((resolve, reject) => {
    const length: Record<string, number> =
      body === null ? (method === "POST" ? { "content-length": 0 } : {}) : { "content-length": body.length };
    const request = httpRequest(url, { method, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const plain = response.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: plain.toString("utf8") });
      });
    });
    request.on("error", reject).end(body ?? undefined);
  });
}
