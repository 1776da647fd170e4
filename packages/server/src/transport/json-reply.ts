/** Sends JSON: compressed off the event loop where the client takes gzip and there is enough to gain. */
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { createGzip, gzip, gzipSync } from "node:zlib";
import { readOn } from "@alchemiscale/gufe/zstd";
import type { FastifyReply, FastifyRequest } from "fastify";
import { acceptEncodingLines, acceptsGzip } from "./accept-encoding.ts";
import { denseGzip } from "./dense-gzip.ts";
import { StreamedReply, sendStreamed } from "./streamed-reply.ts";

declare global {
  interface JSON {
    /** In the language since 2025; TypeScript's library does not know it yet. */
    rawJSON(text: string): object;
  }
}

const compress = promisify(gzip);

/** Replies shorter than this go plain (user-api §1.5). */
const gzipFromBytes = 1000;
const gzipLevel = 5;
const streamedChunkBytes = 65_536;
/** Replies up to this go out whole: compressing one takes less than a stream, or asking another thread. */
const smallBytes = 65_536;

/** A reply whose JSON text is already there, in pieces: content that must pass through with the same characters. */
export class JsonStream {
  readonly pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
  /** At least this many bytes; decides on compression. */
  readonly expectedBytes: number;
  /** Called when the reply is over, sent or not. */
  readonly release: () => unknown;
  /** The pieces have been compressed before: there are no repeats to look for. */
  readonly dense: boolean;

  constructor(
    pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
    expectedBytes: number,
    { release = () => {}, dense = false }: { readonly release?: () => unknown; readonly dense?: boolean } = {},
  ) {
    this.pieces = pieces;
    this.expectedBytes = expectedBytes;
    this.release = release;
    this.dense = dense;
  }
}

export async function sendJson(request: FastifyRequest, reply: FastifyReply, value: unknown): Promise<FastifyReply> {
  if (value instanceof StreamedReply) return sendStreamed(request, reply, value);
  reply.header("content-type", "application/json").header("vary", "Accept-Encoding");
  const gzipped = acceptsGzip(acceptEncodingLines(request.raw));
  if (value instanceof JsonStream) {
    const { whole, chunks } = value.expectedBytes > smallBytes ? { chunks: gathered(value.pieces) } : await beginning(value);
    if (whole !== undefined) return sendBytes(reply, whole, gzipped);
    const compresses = gzipped && value.expectedBytes >= gzipFromBytes;
    const pieces = compresses && value.dense ? denseGzip(chunks) : chunks;
    const source = Readable.from(pieces, { objectMode: false, highWaterMark: streamedChunkBytes });
    source.once("close", value.release);
    if (!compresses) return reply.send(source);
    if (value.dense) return reply.header("content-encoding", "gzip").send(source);
    const compressed = createGzip({ level: gzipLevel, chunkSize: streamedChunkBytes });
    source.on("error", (error) => compressed.destroy(error));
    compressed.on("close", () => source.destroy());
    return reply.header("content-encoding", "gzip").send(source.pipe(compressed));
  }
  return sendBytes(reply, Buffer.from(jsonText(value)), gzipped);
}

/** All of a reply, which is over then, where it is small; else its chunks. */
async function beginning({
  pieces,
  release,
}: JsonStream): Promise<{ readonly whole?: Uint8Array; readonly chunks: AsyncGenerator<Uint8Array> }> {
  const chunks = gathered(pieces);
  const held: Uint8Array[] = [];
  try {
    for (let length = 0; length <= smallBytes; ) {
      const next = await chunks.next();
      if (next.done === true) {
        await release();
        return { whole: Buffer.concat(held), chunks };
      }
      held.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { chunks: readOn(held, chunks) };
}

async function sendBytes(reply: FastifyReply, body: Uint8Array, gzipped: boolean): Promise<FastifyReply> {
  if (!gzipped || body.length < gzipFromBytes) return reply.send(body);
  const options = { level: gzipLevel };
  const compressed = body.length <= smallBytes ? gzipSync(body, options) : await compress(body, options);
  return reply.header("content-encoding", "gzip").send(compressed);
}

/** JSON of a reply; integers beyond 2⁵³ (priorities) with all their digits. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // A bigint somewhere: only then is the slower way needed.
    return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? JSON.rawJSON(member.toString()) : member));
  }
}

/** Joins small pieces, so that a chain of thousands of short texts is not as many chunks on the wire. */
async function* gathered(pieces: JsonStream["pieces"]): AsyncGenerator<Uint8Array> {
  let texts: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    if (typeof piece !== "string") {
      if (texts.length > 0) yield Buffer.from(texts.join(""));
      texts = [];
      length = 0;
      yield piece;
      continue;
    }
    texts.push(piece);
    length += piece.length;
    if (length >= streamedChunkBytes) {
      yield Buffer.from(texts.join(""));
      texts = [];
      length = 0;
    }
  }
  if (texts.length > 0) yield Buffer.from(texts.join(""));
}
