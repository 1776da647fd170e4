/** A reply of another kind than JSON, sent as it is made: nothing of it waits in memory for a slow client. */
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";
import { acceptEncodingLines, acceptsGzip } from "./accept-encoding.ts";

export class StreamedReply {
  readonly media: string;
  /** Asked for the next piece only when the client has taken the one before. */
  readonly pieces: AsyncIterable<string | Uint8Array>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /** Whether it may be compressed on its way. */
  readonly compressible: boolean;
  /** Called when the reply is over, sent or not: a client may go away before the first piece is asked for. */
  readonly release: () => unknown;

  constructor(
    media: string,
    pieces: AsyncIterable<string | Uint8Array>,
    options: {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string | number>>;
      readonly compressible?: boolean;
      readonly release?: () => unknown;
    } = {},
  ) {
    this.media = media;
    this.pieces = pieces;
    this.status = options.status ?? 200;
    this.headers = options.headers ?? {};
    this.compressible = options.compressible ?? false;
    this.release = options.release ?? (() => {});
  }
}

export function sendStreamed(request: FastifyRequest, reply: FastifyReply, streamed: StreamedReply): FastifyReply {
  reply.code(streamed.status).headers(streamed.headers).header("content-type", streamed.media);
  const source = Readable.from(streamed.pieces, { objectMode: false, highWaterMark: 65_536 });
  source.once("close", streamed.release);
  if (!streamed.compressible) return reply.send(source);
  reply.header("vary", "Accept-Encoding");
  if (!acceptsGzip(acceptEncodingLines(request.raw))) return reply.send(source);
  const compressed = createGzip({ level: 5 });
  source.on("error", (error) => compressed.destroy(error));
  compressed.on("close", () => source.destroy());
  return reply.header("content-encoding", "gzip").send(source.pipe(compressed));
}
