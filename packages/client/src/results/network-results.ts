/** The stream of the results of a network or of a Transformation (`GET /v1/networks/{network}/results`, docs/api.md), taken up again where it was cut. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { ApiConnection, CallOptions } from "../api-connection.ts";
import { asObject, asScopedKey } from "../reply-shapes.ts";
import { ByteReader, CutShort } from "./byte-reader.ts";
import type { ResultFacts } from "./retrieved-result.ts";

/** A result as our servers stream it. */
export interface StreamedResult extends ResultFacts {
  readonly cursor: string;
  readonly task: ScopedKey;
  readonly result: string;
  /** As they are stored, normally one zstd frame; null where only metadata were asked for, or the object store has lost them. */
  readonly bytes: Uint8Array | null;
  /** Why bytes that were asked for are missing. */
  readonly problem: string | null;
}

export interface NetworkResultsOptions extends CallOptions {
  /** Without the bytes. */
  readonly metadataOnly?: boolean;
  /** Results or failures only. */
  readonly ok?: boolean | undefined;
  readonly transformation?: ScopedKey | undefined;
  readonly after?: string | undefined;
}

/**
 * Yields the results that are at `path` one by one; returns the cursor of the end, after which later results will come.
 * `onOpened` is called when the server has accepted a request: it has this route.
 */
export async function* resultStream(
  connection: ApiConnection,
  path: string,
  options: NetworkResultsOptions = {},
  onOpened: () => void = () => {},
): AsyncGenerator<StreamedResult, string> {
  const { signal, retries, metadataOnly = false, ok, transformation, after } = options;
  let end = after ?? "0";
  let opened = false;
  yield* connection.stream<StreamedResult>({
    request: (last) => ({
      signal,
      retries,
      method: "GET",
      path,
      query: {
        include: metadataOnly ? "metadata" : null,
        ok: ok === undefined ? null : String(ok),
        transformation,
        after: last?.cursor ?? after,
      },
      notFoundIsFinal: !opened,
    }),
    read: async function* (body) {
      opened = true;
      onOpened();
      end = yield* readBody(body, !metadataOnly);
      return false;
    },
  });
  return end;
}

/** Reads one body to its last line, and returns that one's cursor. Throws where it ends before. */
async function* readBody(chunks: AsyncIterable<Uint8Array>, withBytes: boolean): AsyncGenerator<StreamedResult, string> {
  const reader = new ByteReader(chunks);
  try {
    for (;;) {
      const text = await reader.line();
      if (text === undefined) throw new CutShort();
      const line = asObject(JSON.parse(text)) ?? {};
      if (line.end === true) return String(line.cursor);
      const facts = factsOf(line);
      const problem = problemDetail(line.problem);
      // The object store has gone away; what came so far counts.
      if (facts === undefined) throw new Error(problem ?? `a line of another form: ${text.slice(0, 200)}`);
      if (!withBytes) {
        yield { ...facts, bytes: null, problem: null };
        continue;
      }
      if (typeof line.bytes !== "number") throw new Error(`a line without its number of bytes: ${text.slice(0, 200)}`);
      const bytes = await reader.take(line.bytes);
      await reader.take(1);
      yield { ...facts, bytes: problem === null ? bytes : null, problem };
    }
  } finally {
    await reader.close();
  }
}

function factsOf(line: Readonly<Record<string, unknown>>): Omit<StreamedResult, "bytes" | "problem"> | undefined {
  const [ref, task, transformation] = [line.ref, line.task, line.transformation].map(asScopedKey);
  const { cursor, ok, result } = line;
  if (ref === undefined || task === undefined || transformation === undefined) return undefined;
  if (typeof cursor !== "string" || typeof ok !== "boolean" || typeof result !== "string") return undefined;
  const textOrNull = (value: unknown) => (typeof value === "string" ? value : null);
  return {
    cursor,
    ref,
    task,
    transformation,
    result,
    ok,
    created: textOrNull(line.created),
    creator: textOrNull(line.creator),
  };
}

function problemDetail(problem: unknown): string | null {
  const detail = asObject(problem)?.detail;
  if (problem === undefined) return null;
  return typeof detail === "string" ? detail : "the server does not say why";
}
