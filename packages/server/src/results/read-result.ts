/**
 * Reads a posted result as it comes, in bounded memory (compute-api §4): the request's JSON (gzip undone), the bytes in it as text, a
 * zstd frame around a zstd frame around the keyed chain of the ProtocolDAGResult. The inner frame is the payload, which is stored as it is.
 */
import { GufeError, MemberExtractor, ResultScanner, type ResultSummary } from "@alchemiscale/gufe";
import { unprocessable } from "../transport/http-error.ts";
import { tooLarge } from "../transport/request-body.ts";
import { gunzipped, unzstd } from "./decompressed.ts";
import { PayloadWriter } from "./payload-writer.ts";
import { peeked } from "./peeked.ts";
import { largestProvenance } from "./provenance.ts";

/** What the server must know of a result. */
export interface ResultFacts {
  readonly summary: ResultSummary;
  /** As posted; `"None"` from a client without an id. */
  readonly service: string;
  /** The JSON of the member `provenance`; null where it is too large, undefined where there is none. */
  readonly provenance: string | null | undefined;
}

export interface ResultOptions {
  /** The request is announced as gzip. */
  readonly gzipped: boolean;
  /** Bound on the request unpacked, and on what each layer unpacks to. */
  readonly maxBytes: number;
}

/**
 * @param write takes the payload, one zstd frame that states its content size, in chunks
 * @throws {HttpError} 400 broken gzip, 413 above a bound, 422 anything else that is wrong with the body
 */
export async function readResult(
  request: AsyncIterable<Uint8Array>,
  options: ResultOptions,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<ResultFacts> {
  const payload = new PayloadWriter(write);
  const body = new ResultBody();
  return explained(payload, async () => {
    const json = options.gzipped ? gunzipped(request, options.maxBytes) : bounded(request, options.maxBytes);
    // Bytes that were compressed once (gufe before 1.2) are the payload themselves; which it is shows after the first bytes.
    const outer = new HeldBack(body.bytes(json));
    const outerContent = await peeked(unzstd(outer.passing(), options.maxBytes, "the posted result"));
    let chain: AsyncIterable<Uint8Array>;
    if (outerContent.isFrame) {
      outer.drop();
      chain = unzstd(
        each(outerContent.all, (chunk) => payload.write(chunk)),
        options.maxBytes,
        "the content of the posted result",
      );
    } else {
      await outer.release((chunk) => payload.write(chunk));
      chain = outerContent.all;
    }
    return { summary: await summarized(chain, payload), service: body.service(), provenance: body.provenance };
  });
}

/**
 * Reads a result that comes as it is stored: one zstd frame, which is the payload.
 * @throws {HttpError} 413 above the bound, 422 anything else that is wrong with it
 */
export async function readFrame(
  frame: AsyncIterable<Uint8Array>,
  maxBytes: number,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<ResultSummary> {
  const payload = new PayloadWriter(write);
  const whole = each(bounded(frame, maxBytes), (chunk) => payload.write(chunk));
  return explained(payload, () => summarized(unzstd(whole, maxBytes, "the posted result"), payload));
}

/** What is known of a keyed chain, once its payload is written to the end. */
async function summarized(chain: AsyncIterable<Uint8Array>, payload: PayloadWriter): Promise<ResultSummary> {
  const scanner = new ResultScanner();
  let bytes = 0;
  for await (const chunk of chain) {
    bytes += chunk.length;
    scanner.write(chunk);
  }
  const summary = scanner.end();
  await payload.finish(bytes);
  return summary;
}

async function explained<T>(payload: PayloadWriter, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GufeError) throw unprocessable(`the posted result cannot be read: ${error.message}`);
    throw error;
  } finally {
    await payload.discard();
  }
}

/** The request's JSON: the bytes of the result as they come, the rest when it has been seen. */
class ResultBody {
  provenance: string | null | undefined;
  #service: unknown;
  #hasBytes = false;

  async *bytes(json: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let found: Uint8Array[] = [];
    const extractor = new MemberExtractor({
      bytesAt: [["protocoldagresult", "latin-1"]],
      valuesAt: [["compute_service_id"]],
      textsAt: [["provenance"]],
      maxValueBytes: largestProvenance,
      onBytes: (bytes) => found.push(bytes),
      onValue: (_, value) => {
        this.#service = value;
      },
      onText: (_, text) => {
        this.provenance = text;
      },
    });
    for await (const chunk of json) {
      extractor.write(chunk);
      if (found.length > 0) {
        this.#hasBytes = true;
        yield* found;
        found = [];
      }
    }
    extractor.end();
    if (!this.#hasBytes)
      throw unprocessable("the body must hold the bytes of a result: protocoldagresult, with a member latin-1");
    this.service();
  }

  service(): string {
    if (typeof this.#service !== "string") throw unprocessable("the body must hold the text compute_service_id");
    return this.#service;
  }
}

/** Passes a stream on, and keeps its first bytes until it is known whether they are wanted; once released, the rest is wanted too. */
class HeldBack {
  readonly #source: AsyncIterable<Uint8Array>;
  #held: Uint8Array[] | null = [];
  #sink: ((chunk: Uint8Array) => Promise<void>) | null = null;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      if (this.#held !== null) this.#held.push(chunk);
      else if (this.#sink !== null) await this.#sink(chunk);
      yield chunk;
    }
  }

  drop(): void {
    this.#held = null;
  }

  async release(sink: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    // More may be held back while the first of it is written.
    for (let chunk = this.#held?.shift(); chunk !== undefined; chunk = this.#held?.shift()) await sink(chunk);
    this.#held = null;
    this.#sink = sink;
  }
}

async function* bounded(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

async function* each(source: AsyncIterable<Uint8Array>, visit: (chunk: Uint8Array) => Promise<void>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    await visit(chunk);
    yield chunk;
  }
}
