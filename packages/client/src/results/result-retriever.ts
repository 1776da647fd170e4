/** Results one at a time: by our own routes where the server has them, else by those that the Python server has, too. */
import { routePath, type ScopedKey, userRoutes } from "@alchemiscale/contract";
import type { ApiConnection, CallOptions } from "../api-connection.ts";
import type { ContentCache } from "../cache/content-cache.ts";
import { InvalidArgument, isUnknownRoute, UnexpectedReply } from "../client-error.ts";
import { anySignal } from "../in-batches.ts";
import { latin1Bytes } from "../latin1-bytes.ts";
import { mapAhead } from "../map-ahead.ts";
import { type ProgressListener, ProgressReporter } from "../progress.ts";
import { asScopedKeys, asText, listOf } from "../reply-shapes.ts";
import { resultStream, type StreamedResult } from "./network-results.ts";
import { asMissing, type ResultFacts, ResultMissing, type RetrievedResult } from "./retrieved-result.ts";

/** How results are retrieved. */
export interface RetrievalOptions extends CallOptions {
  /** Only what came after this cursor of an earlier result. Python servers have none: use `skip`. */
  readonly after?: string;
  /** True for a result that is not wanted, for instance as it is there already; its bytes are not asked for. */
  readonly skip?: (facts: ResultFacts) => boolean | Promise<boolean>;
  /** Told of a result whose bytes the server has lost, which is then passed over. Without it such a result is an error. */
  readonly onMissing?: (missing: ResultMissing) => void;
  /** Results asked for at once; as many are held in memory. The client's, unless told. */
  readonly concurrency?: number;
  /** What is skipped or missing counts as done. */
  readonly onProgress?: ProgressListener;
}

/** Where the bytes of one result are asked for. */
type Source = "own" | "compatible";

/** What the results are of. */
interface Subject {
  readonly key: ScopedKey;
  /** Of our own stream. */
  readonly path: string;
  /** By the routes of the Python server. */
  readonly transformations: (options: CallOptions) => Promise<readonly ScopedKey[]>;
}

export class ResultRetriever {
  readonly #connection: ApiConnection;
  readonly #cache: ContentCache | undefined;
  readonly #concurrency: number;
  readonly #onProgress: ProgressListener | undefined;
  /** Whether the server has the routes below `/v1/`; undefined until it was seen. */
  #hasOwnRoutes: boolean | undefined;

  constructor(
    connection: ApiConnection,
    options: {
      readonly cache?: ContentCache | undefined;
      readonly concurrency: number;
      readonly onProgress?: ProgressListener | undefined;
    },
  ) {
    this.#connection = connection;
    this.#cache = options.cache;
    this.#concurrency = options.concurrency;
    this.#onProgress = options.onProgress;
  }

  /** Of a network. `ok`: results, failures, or both (null). */
  ofNetwork(network: ScopedKey, ok: boolean | null, options: RetrievalOptions): AsyncGenerator<RetrievedResult, void> {
    return this.#of(this.#network(network), ok, options);
  }

  /** Of a Transformation, likewise. */
  ofTransformation(
    transformation: ScopedKey,
    ok: boolean | null,
    options: RetrievalOptions,
  ): AsyncGenerator<RetrievedResult, void> {
    const path = routePath(userRoutes.transformationResultStream, { transformation });
    return this.#of({ key: transformation, path, transformations: async () => [transformation] }, ok, options);
  }

  /** References by Transformation, with an entry for each Transformation of the network. */
  async networkReferences(network: ScopedKey, ok: boolean, options: CallOptions): Promise<Map<ScopedKey, ScopedKey[]>> {
    const transformations = await this.#keys(`/networks/${network}/transformations`, options);
    const references = new Map<ScopedKey, ScopedKey[]>(transformations.map((transformation) => [transformation, []]));
    const add = ({ transformation, ref }: ResultFacts) => {
      const refs = references.get(transformation);
      if (refs === undefined) references.set(transformation, [ref]);
      else refs.push(ref);
    };
    const own = async () => {
      for await (const facts of this.#ownStream(this.#network(network), ok, true, options)) add(facts);
    };
    const compatible = async () => {
      for (const facts of await this.#listed(transformations, ok, options)) add(facts);
    };
    await this.#byOwnRoutesElse(own, compatible);
    return references;
  }

  /** Of a list that is asked for when the loop begins. */
  async *ofList(
    subject: ScopedKey,
    list: (options: CallOptions) => Promise<readonly ResultFacts[]>,
    options: RetrievalOptions,
  ): AsyncGenerator<RetrievedResult, void> {
    refuseCursor(options);
    const progress = new ProgressReporter("results", subject, [options.onProgress, this.#onProgress]);
    const results = async function* (this: ResultRetriever) {
      const facts = await list(options);
      progress.expect(facts.length);
      yield* this.#retrieved(facts, "compatible", options, progress);
    };
    yield* progress.through(results.call(this));
  }

  /** The stored bytes of one. */
  async bytes(
    transformation: ScopedKey,
    ref: ScopedKey,
    route: "results" | "failures",
    options: CallOptions,
  ): Promise<Uint8Array> {
    return this.#cached(ref, async () => {
      const request = {
        ...options,
        method: "GET",
        path: `/transformations/${transformation}/${route}/${ref}`,
        headers: { "accept-encoding": "gzip" },
      } as const;
      const [text] = await this.#connection.json(request, "a list with one text", (value) => listOf(value, asText));
      const bytes = text === undefined ? undefined : latin1Bytes(text);
      if (bytes === undefined) throw new UnexpectedReply(request, "one text of characters up to U+00FF", String(text));
      return bytes;
    });
  }

  #network(network: ScopedKey): Subject {
    return {
      key: network,
      path: routePath(userRoutes.networkResults, { network }),
      transformations: (options) => this.#keys(`/networks/${network}/transformations`, options),
    };
  }

  async *#of(subject: Subject, ok: boolean | null, options: RetrievalOptions): AsyncGenerator<RetrievedResult, void> {
    const progress = new ProgressReporter("results", subject.key, [options.onProgress, this.#onProgress]);
    yield* progress.through(this.#retrievedOf(subject, ok, options, progress));
  }

  async *#retrievedOf(
    subject: Subject,
    ok: boolean | null,
    options: RetrievalOptions,
    progress: ProgressReporter,
  ): AsyncGenerator<RetrievedResult, void> {
    let begun = false;
    try {
      if (this.#hasOwnRoutes !== false) {
        if (progress.isHeard) progress.expect(await this.#count(subject, ok, options));
        // Asking for each result takes a request more, but what is here already is not sent.
        const single = options.skip !== undefined || this.#cache !== undefined;
        const results = single
          ? this.#retrieved(this.#ownStream(subject, ok, true, options), "own", options, progress)
          : this.#streamed(subject, ok, options, progress);
        for await (const result of results) {
          begun = true;
          yield result;
        }
        return;
      }
    } catch (error) {
      if (begun || !this.#isWithoutOwnRoutes(error)) throw error;
    }
    refuseCursor(options);
    const facts = await this.#listed(await subject.transformations(options), ok, options);
    progress.expect(facts.length);
    yield* this.#retrieved(facts, "compatible", options, progress);
  }

  async #count(subject: Subject, ok: boolean | null, options: RetrievalOptions): Promise<number> {
    let count = 0;
    for await (const _ of this.#ownStream(subject, ok, true, options)) count += 1;
    return count;
  }

  async #byOwnRoutesElse(own: () => Promise<void>, compatible: () => Promise<void>): Promise<void> {
    if (this.#hasOwnRoutes === false) return compatible();
    try {
      await own();
    } catch (error) {
      if (!this.#isWithoutOwnRoutes(error)) throw error;
      await compatible();
    }
  }

  /** A proxy that has lost its server answers 404, too; the requests that follow then find out. */
  #isWithoutOwnRoutes(error: unknown): boolean {
    if (this.#hasOwnRoutes === true || !isUnknownRoute(error)) return false;
    this.#hasOwnRoutes = false;
    return true;
  }

  #ownStream(
    subject: Subject,
    ok: boolean | null,
    metadataOnly: boolean,
    options: RetrievalOptions,
  ): AsyncGenerator<StreamedResult, string> {
    const { signal, retries, after } = options;
    return resultStream(this.#connection, subject.path, { signal, retries, after, ok: ok ?? undefined, metadataOnly }, () => {
      this.#hasOwnRoutes = true;
    });
  }

  async *#streamed(
    subject: Subject,
    ok: boolean | null,
    options: RetrievalOptions,
    progress: ProgressReporter,
  ): AsyncGenerator<RetrievedResult, void> {
    for await (const { bytes, problem, ...facts } of this.#ownStream(subject, ok, false, options)) {
      progress.advance(1, bytes?.length ?? 0);
      if (bytes !== null) yield { ...facts, bytes };
      else toldOrThrown(new ResultMissing(facts, problem ?? "the server sent none"), options);
    }
  }

  /** By a request each. */
  async *#retrieved(
    facts: AsyncIterable<ResultFacts> | Iterable<ResultFacts>,
    source: Source,
    options: RetrievalOptions,
    progress: ProgressReporter,
  ): AsyncGenerator<RetrievedResult, void> {
    const atOnce = options.concurrency ?? this.#concurrency;
    if (!Number.isInteger(atOnce) || atOnce < 1) throw new InvalidArgument("concurrency", atOnce, "an integer of at least 1");
    const outcomes = mapAhead(facts, atOnce, async (of, stop) => {
      if (await options.skip?.(of)) return undefined;
      const call = { retries: options.retries, signal: anySignal(options.signal, stop) };
      try {
        return { ...factsOf(of), bytes: await this.#bytesFrom(source, of, call) };
      } catch (error) {
        const missing = asMissing(error, of);
        if (missing instanceof ResultMissing) return missing;
        throw error;
      }
    });
    for await (const outcome of outcomes) {
      progress.advance(1, outcome === undefined || outcome instanceof ResultMissing ? 0 : outcome.bytes.length);
      if (outcome instanceof ResultMissing) toldOrThrown(outcome, options);
      else if (outcome !== undefined) yield outcome;
    }
  }

  #bytesFrom(source: Source, { ref, transformation, ok }: ResultFacts, call: CallOptions): Promise<Uint8Array> {
    if (source === "compatible") return this.bytes(transformation, ref, ok ? "results" : "failures", call);
    return this.#cached(ref, () =>
      this.#connection.bytes({ ...call, method: "GET", path: routePath(userRoutes.storedResult, { ref }) }),
    );
  }

  async #cached(ref: ScopedKey, retrieve: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const { url } = this.#connection;
    const held = await this.#cache?.get(url, "result", ref);
    if (held !== undefined) return held;
    const bytes = await retrieve();
    await this.#cache?.put(url, "result", ref, bytes);
    return bytes;
  }

  /** The results of Transformations by the routes of the Python server, in the order of the Transformations. */
  async #listed(
    transformations: readonly ScopedKey[],
    ok: boolean | null,
    options: RetrievalOptions,
  ): Promise<readonly ResultFacts[]> {
    const all: ResultFacts[] = [];
    const lists = mapAhead(transformations, this.#concurrency, async (transformation, stop) => {
      const call = { retries: options.retries, signal: anySignal(options.signal, stop) };
      const parts = await Promise.all(
        [true, false]
          .filter((outcome) => ok === null || ok === outcome)
          .map(async (outcome) =>
            referenceFacts(await this.#keys(`/transformations/${transformation}/${outcome ? "results" : "failures"}`, call), {
              transformation,
              ok: outcome,
            }),
          ),
      );
      return parts.flat();
    });
    for await (const facts of lists) for (const one of facts) all.push(one);
    return all;
  }

  #keys(path: string, { signal, retries }: CallOptions): Promise<ScopedKey[]> {
    return this.#connection.json({ signal, retries, method: "GET", path }, "a list of ScopedKeys", asScopedKeys);
  }
}

/** What is known of results that are listed by reference alone. */
export function referenceFacts(
  refs: readonly ScopedKey[],
  known: { readonly transformation: ScopedKey; readonly ok: boolean; readonly task?: ScopedKey },
): ResultFacts[] {
  const { transformation, ok, task = null } = known;
  return refs.map((ref) => ({ cursor: null, ref, transformation, task, result: null, ok, created: null, creator: null }));
}

/** Without what a stream may have beside. */
function factsOf({ cursor, ref, transformation, task, result, ok, created, creator }: ResultFacts): ResultFacts {
  return { cursor, ref, transformation, task, result, ok, created, creator };
}

function toldOrThrown(missing: ResultMissing, { onMissing }: RetrievalOptions): void {
  if (onMissing === undefined) throw missing;
  onMissing(missing);
}

function refuseCursor({ after }: RetrievalOptions): void {
  if (after === undefined) return;
  throw new InvalidArgument(
    "after",
    after,
    "left out here: lists of references have no cursors; leave out what is there with `skip`",
  );
}
