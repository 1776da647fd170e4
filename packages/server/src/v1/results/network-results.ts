/**
 * `GET /v1/networks/{network}/results` and `GET /v1/transformations/{transformation}/results`: all results of a network, or of a Transformation, in
 * one stream that can be taken up again anywhere.
 *
 * One line of JSON for each, and after it, unless only metadata are wanted, its bytes as they are stored: their number stands in the line.
 * Ten lines of any language read that as it comes. multipart/mixed would say the same, but the usual readers of it want the whole in
 * memory; JSON alone would need the bytes, which are compressed, in base64.
 */
import { type QueryOf, resultLinesMedia, resultStreamMedia, type ScopedKey, type userRoutes } from "@alchemiscale/contract";
import { ObjectStoreUnavailable, type StoredObject } from "@alchemiscale/objectstore";
import type { KnownResult, ResultFilter, ResultPart } from "@alchemiscale/statestore";
import { openResult } from "../../results/open-result.ts";
import type { ServerContext } from "../../server-context.ts";
import type { Handler } from "../../transport/handler.ts";
import { notFound, type Problem, problemOf, TypedProblem } from "../../transport/problem.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { requireNetwork, requireTransformation } from "../require-class.ts";
import { ahead, type Begun } from "./ahead.ts";

/** Rows read from the state store at once. */
const partRows = 500;
/** Objects opened before their turn, so that a store far away is not waited for at each. */
const opened = 4;

export const networkResults: Handler<typeof userRoutes.networkResults> = ({ context, params, query }) => {
  const { network } = params;
  requireNetwork(network);
  const transformation = query.transformation ?? null;
  return streamed(context, query, network, (part) => context.stateStore.results.ofNetwork(network, { ...part, transformation }));
};

export const transformationResultStream: Handler<typeof userRoutes.transformationResultStream> = ({ context, params, query }) => {
  const { transformation } = params;
  requireTransformation(transformation);
  return streamed(context, query, transformation, (part) =>
    context.stateStore.results.partOfTransformation(transformation, part),
  );
};

type Read = (part: Omit<ResultFilter, "transformation">) => Promise<ResultPart | null>;

async function streamed(
  context: ServerContext,
  query: QueryOf<typeof userRoutes.transformationResultStream>,
  subject: ScopedKey,
  read: Read,
): Promise<StreamedReply> {
  const filter = { ok: query.ok ?? null, limit: partRows };
  const first = await read({ ...filter, after: Number(query.after ?? 0), until: null });
  if (first === null) throw notFound(subject);
  const parts = partsOf(read, filter, first);
  if (query.include === "metadata") {
    return new StreamedReply(resultLinesMedia, withEnd(lines(resultsOf(parts)), first.until), { compressible: true });
  }
  // The bytes are compressed already.
  return new StreamedReply(resultStreamMedia, withEnd(wholeResults(context, resultsOf(parts)), first.until));
}

type Piece = { readonly piece: string | Uint8Array; readonly results: 0 | 1 };

async function* partsOf(read: Read, filter: Pick<ResultFilter, "ok" | "limit">, first: ResultPart): AsyncGenerator<ResultPart> {
  let part: ResultPart | null = first;
  while (part !== null) {
    yield part;
    if (part.after >= part.until) return;
    part = await read({ ...filter, after: part.after, until: part.until });
  }
}

async function* resultsOf(parts: AsyncIterable<ResultPart>): AsyncGenerator<KnownResult> {
  for await (const part of parts) yield* part.results;
}

async function* lines(results: AsyncIterable<KnownResult>): AsyncGenerator<Piece> {
  for await (const result of results) yield { piece: line(facts(result)), results: 1 };
}

async function* wholeResults(context: ServerContext, results: AsyncIterable<KnownResult>): AsyncGenerator<Piece> {
  const objects = ahead(results, opened, (result): Begun<{ result: KnownResult; stored: StoredObject | null }> => {
    const stored = openResult(context.objectStore, result.transformation, result);
    return {
      value: stored.then((object) => ({ result, stored: object })),
      drop: () =>
        stored.then(
          (object) => object?.close(),
          () => {},
        ),
    };
  });
  for await (const { result, stored } of objects) {
    if (stored === null) {
      const problem = problemOf(missing(result.ref));
      context.logger.error(
        { ref: result.ref, location: result.location },
        "the object of a result is missing in the object store",
      );
      yield { piece: line({ ...facts(result), bytes: 0, problem }), results: 1 };
      yield { piece: "\n", results: 0 };
      continue;
    }
    try {
      yield { piece: line({ ...facts(result), bytes: stored.size }), results: 1 };
      for await (const chunk of stored.body) yield { piece: chunk, results: 0 };
      yield { piece: "\n", results: 0 };
    } finally {
      await stored.close();
    }
  }
}

/** The last line says that it is the last; where the store goes away in the middle, it says so, and where to go on stands before it. */
async function* withEnd(pieces: AsyncIterable<Piece>, until: number): AsyncGenerator<string | Uint8Array> {
  let count = 0;
  let within = false;
  try {
    for await (const { piece, results } of pieces) {
      count += results;
      within = typeof piece !== "string";
      yield piece;
    }
  } catch (error) {
    // In the middle of an object nothing can be said any more: the connection is cut, and the client sees fewer bytes than announced.
    if (within || !(error instanceof ObjectStoreUnavailable)) throw error;
    const problem: Problem = problemOf({ status: 503, detail: error.message });
    yield line({ problem });
    return;
  }
  yield line({ end: true, count, cursor: String(until) });
}

export function facts(result: KnownResult): Record<string, unknown> {
  const { cursor, ref, task, transformation, resultKey, ok, created, creator } = result;
  return { cursor: String(cursor), ref, task, transformation, result: resultKey, ok, created: created || null, creator };
}

/** The object store has lost it, or was changed. */
export function missing(ref: ScopedKey): TypedProblem {
  return new TypedProblem("result-missing", 404, `the object store does not hold the bytes of ${ref}`);
}

function line(value: Record<string, unknown>): string {
  return `${JSON.stringify(value)}\n`;
}
