/** The stream of a network's results (`GET /v1/networks/{network}/results`), taken up again where it was cut. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { ApiConnection, ApiRequest, CallOptions } from "./api-connection.ts";
import { ConnectionError, UnexpectedReply } from "./client-error.ts";
import { delay } from "./delay.ts";
import { asScopedKey } from "./reply-shapes.ts";
import { defaultRetryPolicy, mayRetry, retryDelay } from "./retry-policy.ts";

export interface StreamedResult {
  /** `after` of whoever goes on after this one. */
  readonly cursor: string;
  readonly ref: ScopedKey;
  readonly task: ScopedKey;
  readonly transformation: ScopedKey;
  /** gufe key of the ProtocolDAGResult. */
  readonly result: string;
  readonly ok: boolean;
  readonly created: string | null;
  readonly creator: string | null;
  /** As they are stored, normally one zstd frame; null where only metadata were asked for, or the object store has lost them. */
  readonly bytes: Uint8Array | null;
}

export interface NetworkResultsOptions extends CallOptions {
  /** Without the bytes. */
  readonly metadataOnly?: boolean;
  readonly ok?: boolean;
  readonly transformation?: ScopedKey;
  readonly after?: string;
}

/** Yields the results one by one; returns the cursor of the end, after which later results will come. */
export async function* networkResults(
  connection: ApiConnection,
  network: ScopedKey,
  options: NetworkResultsOptions = {},
): AsyncGenerator<StreamedResult, string> {
  const policy = options.retries ?? defaultRetryPolicy;
  let after = options.after;
  for (let failures = 0; ; ) {
    const request: ApiRequest = {
      ...(options.signal !== undefined && { signal: options.signal }),
      ...(options.retries !== undefined && { retries: options.retries }),
      method: "GET",
      path: `/v1/networks/${network}/results`,
      query: {
        include: options.metadataOnly === true ? "metadata" : null,
        ok: options.ok === undefined ? null : String(options.ok),
        transformation: options.transformation,
        after,
      },
      notFoundIsFinal: true,
    };
    const reader = new PieceReader(await connection.body(request));
    let reason: unknown = new Error("the stream was cut");
    try {
      for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
        const facts = JSON.parse(line) as Record<string, unknown>;
        if (facts.end === true) return String(facts.cursor);
        // The object store has gone away; what came so far counts.
        if (facts.cursor === undefined) throw new Error(JSON.stringify(facts.problem));
        const bytes = typeof facts.bytes === "number" ? await reader.bytes(facts.bytes) : null;
        if (bytes !== null) await reader.bytes(1);
        const result = resultOf(request, facts, facts.problem === undefined ? bytes : null);
        yield result;
        after = result.cursor;
        failures = 0;
      }
    } catch (error) {
      if (error instanceof UnexpectedReply) throw error;
      options.signal?.throwIfAborted();
      reason = error;
    } finally {
      await reader.cancel();
    }
    if (!mayRetry(policy, failures)) throw new ConnectionError(request, connection.url, failures + 1, reason);
    failures += 1;
    await delay(retryDelay(policy, failures), options.signal);
  }
}

function resultOf(request: ApiRequest, facts: Record<string, unknown>, bytes: Uint8Array | null): StreamedResult {
  const [ref, task, transformation] = [facts.ref, facts.task, facts.transformation].map(asScopedKey);
  if (ref === undefined || task === undefined || transformation === undefined) {
    throw new UnexpectedReply(request, "results with their keys", JSON.stringify(facts));
  }
  const textOrNull = (value: unknown) => (value === null || value === undefined ? null : String(value));
  return {
    cursor: String(facts.cursor),
    ref,
    task,
    transformation,
    result: String(facts.result),
    ok: facts.ok === true,
    created: textOrNull(facts.created),
    creator: textOrNull(facts.creator),
    bytes,
  };
}

/** Lines and counted bytes out of a stream. */
class PieceReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** Without its end; undefined at the end of the stream, also in the middle of a line. */
  async line(): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const end = this.#chunk.indexOf(10);
      if (end >= 0) {
        pieces.push(this.#chunk.subarray(0, end));
        this.#chunk = this.#chunk.subarray(end + 1);
        return await new Blob(pieces as BlobPart[]).text();
      }
      pieces.push(this.#chunk);
      if (!(await this.#more())) return undefined;
    }
  }

  /** @throws {Error} where the stream ends before */
  async bytes(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      if (this.#chunk.length === 0 && !(await this.#more()))
        throw new Error(`the stream was cut ${count - at} bytes before the end of a result`);
      const part = this.#chunk.subarray(0, count - at);
      bytes.set(part, at);
      at += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return bytes;
  }

  /** Lets the connection go. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    this.#chunk = value ?? new Uint8Array();
    return !done;
  }
}
