import type { Method } from "@alchemiscale/contract";
import { ApiError, ClientError, ConnectionError, LoginRefused, UnexpectedReply } from "./client-error.ts";
import { delay } from "./delay.ts";
import { gzipped } from "./gzipped.ts";
import { isTransient, mayRetry, type RetryPolicy, retryDelay, retryPolicy } from "./retry-policy.ts";

/** What a client asks of `fetch`, whose own is one of these. */
export type ApiFetch = (url: string, request: ApiFetchRequest) => Promise<Response>;

export interface ApiFetchRequest {
  readonly method: Method;
  readonly headers: Record<string, string>;
  readonly body?: string | Blob;
  readonly signal?: AbortSignal;
  /** An answer that points elsewhere is the answer. */
  readonly redirect: "manual";
}

export interface ConnectionOptions {
  /** Address of the API, `http://host:port`. A path after it is dropped, as the Python clients do: routes start at the root. */
  readonly url: string;
  readonly identifier: string;
  readonly key: string;
  /** Where tokens are to be had; `/token` unless told. */
  readonly tokenPath?: string;
  readonly retries?: Partial<RetryPolicy>;
  /** Another `fetch`, for instance one that trusts a certificate of your own (`nodeFetch` of `@alchemiscale/client/node`). */
  readonly fetch?: ApiFetch;
  /** Called before each wait, for a log. */
  readonly onRetry?: (retry: { readonly request: string; readonly reason: string; readonly seconds: number }) => void;
}

/** How a stream is read, and taken up again where it was cut. */
export interface StreamReading<T> {
  /** The request that goes on after `last`; undefined: from the beginning. */
  readonly request: (last: T | undefined) => ApiRequest;
  /** Reads one body. Throws, or returns true, when there is more to come from another request; returns false at the true end. */
  readonly read: (body: AsyncIterable<Uint8Array>) => AsyncGenerator<T, boolean>;
  /** A body that is silent for so many milliseconds is given up. */
  readonly idleMs?: number;
}

/** What a single call may ask for. */
export interface CallOptions {
  /** Ends the call, also while it waits between attempts; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** In place of the connection's policy. */
  readonly retries?: RetryPolicy | undefined;
}

export interface ApiRequest extends CallOptions {
  readonly method: Method;
  readonly path: string;
  /** Undefined and null parameters are left out. */
  readonly query?: Readonly<Record<string, string | null | undefined>>;
  /** JSON text, or a JSON body already encoded (see `contentEncoding`). A Blob is read anew at each attempt, never held whole. */
  readonly body?: string | Blob;
  /** Compress the body here. */
  readonly gzip?: boolean;
  /** What `body` is encoded with already. */
  readonly contentEncoding?: "gzip" | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without a token (`/ping`). */
  readonly anonymous?: boolean;
  /** For routes that not every server has: 404 is an answer then, and is not repeated. */
  readonly notFoundIsFinal?: boolean;
}

/**
 * One identity at one API: a token fetched when it is first needed, shared by concurrent calls and replaced once on 401; repeats of
 * what is transient (404, 502, 503, 504, no connection). Rules: compute-api §1, user-api §1.3 and §1.4.
 */
export class ApiConnection {
  readonly url: string;
  readonly identifier: string;
  readonly #key: string;
  readonly #tokenPath: string;
  readonly #retries: RetryPolicy;
  readonly #fetch: ApiFetch;
  readonly #onRetry: NonNullable<ConnectionOptions["onRetry"]>;
  #token: Promise<string> | null = null;

  /** @throws {InvalidApiUrl} when the address is not an http(s) URL. */
  constructor(options: ConnectionOptions) {
    this.url = originOf(options.url);
    this.identifier = options.identifier;
    this.#key = options.key;
    this.#tokenPath = options.tokenPath ?? "/token";
    this.#retries = retryPolicy(options.retries);
    this.#fetch = options.fetch ?? ((...call) => globalThis.fetch(...call));
    this.#onRetry = options.onRetry ?? (() => {});
  }

  /** The body of a 2xx reply as text. @throws {ApiError} {@link ConnectionError}, {@link LoginRefused}, or the signal's reason. */
  text(request: ApiRequest): Promise<string> {
    return this.#exchange(request, (response) => response.text());
  }

  /** The body of a 2xx reply as bytes. Errors as {@link text}. */
  bytes(request: ApiRequest): Promise<Uint8Array> {
    return this.#exchange(request, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  /** The body of a 2xx reply as it comes. A cut of it is an error of the stream, and not repeated here. Errors as {@link text}. */
  body(request: ApiRequest): Promise<ReadableStream<Uint8Array>> {
    return this.#exchange(request, async (response) => response.body ?? new Blob([]).stream());
  }

  /**
   * What the bodies of a stream hold, one after the other: one that is cut is asked for again after the last thing that was read. Repeats
   * without anything new between them are limited as those of any request. Leaving the loop early closes the connection.
   */
  async *stream<T>({ request, read, idleMs }: StreamReading<T>): AsyncGenerator<T, void> {
    let last: T | undefined;
    for (let barren = 0; ; ) {
      const asked = request(last);
      const policy = asked.retries ?? this.#retries;
      const body = await this.body(asked);
      let failure: unknown;
      const items = read(chunksOf(body, idleMs));
      try {
        for (;;) {
          let next: IteratorResult<T, boolean>;
          try {
            next = await items.next();
          } catch (error) {
            asked.signal?.throwIfAborted();
            if (error instanceof ClientError) throw error;
            failure = error;
            break;
          }
          if (next.done === true) {
            if (!next.value) return;
            failure = new Error("the server ended the stream");
            break;
          }
          last = next.value;
          barren = 0;
          yield next.value;
        }
      } finally {
        await items.return(false);
      }
      asked.signal?.throwIfAborted();
      const error = new ConnectionError(asked, this.url, barren + 1, failure);
      if (!mayRetry(policy, barren)) throw error;
      barren += 1;
      // The first time at once: servers that are replaced and tokens that end cut streams in good health.
      const wait = barren === 1 ? 0 : retryDelay(policy, barren - 1);
      this.#onRetry({ request: `${asked.method} ${asked.path}`, reason: error.message, seconds: wait / 1000 });
      await delay(wait, asked.signal);
    }
  }

  /** The body as JSON, for replies that hold no gufe content. `check` says what is expected and returns undefined for anything else. */
  async json<T>(request: ApiRequest, expected: string, check: (value: unknown) => T | undefined): Promise<T> {
    const text = await this.text(request);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new UnexpectedReply(request, expected, text, { cause: error });
    }
    const checked = check(value);
    if (checked === undefined) throw new UnexpectedReply(request, expected, text);
    return checked;
  }

  async #exchange<T>(request: ApiRequest, read: (response: Response) => Promise<T>): Promise<T> {
    const body = request.gzip === true && request.body !== undefined ? await gzipped(request.body) : request.body;
    const encoding = request.gzip === true ? "gzip" : request.contentEncoding;
    if (request.anonymous === true) return this.#attempt(request, body, encoding, null, read);
    const token = this.#currentToken();
    try {
      return await this.#attempt(request, body, encoding, await raced(token, request.signal), read);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401 || error instanceof LoginRefused) throw error;
      // Another call may have replaced the token already; only the one that failed here is thrown away.
      if (this.#token === token) this.#token = null;
      return this.#attempt(request, body, encoding, await raced(this.#currentToken(), request.signal), read);
    }
  }

  async #attempt<T>(
    request: ApiRequest,
    body: string | Blob | undefined,
    encoding: "gzip" | undefined,
    token: string | null,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const headers: Record<string, string> = { "content-type": "application/json", ...request.headers };
    if (token !== null) headers.authorization = `Bearer ${token}`;
    if (encoding !== undefined) headers["content-encoding"] = encoding;
    return this.#repeated(request, async () => {
      const response = await this.#fetch(this.#address(request), {
        method: request.method,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
        redirect: "manual",
      });
      if (!response.ok) throw apiError(request, response, await response.text());
      return read(response);
    });
  }

  async #repeated<T>(request: ApiRequest, attempt: () => Promise<T>): Promise<T> {
    const policy = request.retries ?? this.#retries;
    for (let retries = 0; ; retries += 1) {
      request.signal?.throwIfAborted();
      let failure: ApiError | ConnectionError;
      try {
        return await attempt();
      } catch (error) {
        request.signal?.throwIfAborted();
        if (error instanceof ApiError && !mayPass(error, request)) throw error;
        // Anything else that `fetch` and the reading of a body throw is a lost or refused connection.
        failure = error instanceof ApiError ? error : new ConnectionError(request, this.url, retries + 1, error);
      }
      if (!mayRetry(policy, retries)) throw failure;
      const wait = retryDelay(policy, retries + 1);
      this.#onRetry({ request: `${request.method} ${request.path}`, reason: failure.message, seconds: wait / 1000 });
      await delay(wait, request.signal);
    }
  }

  #address(request: ApiRequest): string {
    const address = new URL(request.path, this.url);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== null && value !== undefined) address.searchParams.set(name, value);
    }
    return address.href;
  }

  #currentToken(): Promise<string> {
    if (this.#token === null) {
      const token = this.#login();
      this.#token = token;
      token.catch(() => {
        if (this.#token === token) this.#token = null;
      });
    }
    return this.#token;
  }

  /** Has no signal of a caller: several calls may wait for it. */
  async #login(): Promise<string> {
    const request = { method: "POST", path: this.#tokenPath } as const;
    const headers = { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
    const body = new URLSearchParams({ username: this.identifier, password: this.#key }).toString();
    return this.#repeated(request, async () => {
      const response = await this.#fetch(this.#address(request), { method: "POST", headers, body, redirect: "manual" });
      const text = await response.text();
      if (response.status === 401) throw new LoginRefused(request, detailOf(text, response), this.identifier);
      if (!response.ok) throw apiError(request, response, text);
      const token: unknown = memberOf(text, "access_token");
      if (typeof token !== "string") throw new ApiError(request, response.status, "the reply holds no access_token");
      return token;
    });
  }
}

/** True where the same request may be answered otherwise later. A 404 with a problem document is the answer of a route that is there. */
function mayPass(error: ApiError, request: Partial<ApiRequest>): boolean {
  if (error.status === 404) return request.notFoundIsFinal !== true && error.problem === null;
  return isTransient(error.status);
}

/** An address that is not an http(s) URL. */
export class InvalidApiUrl extends Error {
  override readonly name = "InvalidApiUrl";
  readonly value: string;

  constructor(value: string) {
    super(`the API address must be a URL such as http://localhost:8000; it is ${JSON.stringify(value)}`);
    this.value = value;
  }
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) throw new InvalidApiUrl(text);
  return url.origin;
}

function apiError(request: { readonly method: string; readonly path: string }, response: Response, body: string): ApiError {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  const problem = isProblem ? String(memberOf(body, "type") ?? "about:blank") : null;
  return new ApiError(request, response.status, detailOf(body, response), problem);
}

/** A body piece by piece. */
async function* chunksOf(body: ReadableStream<Uint8Array>, idleMs?: number): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await withinIdleTime(reader.read(), idleMs);
      if (done) return;
      yield value;
    }
  } finally {
    // Ends the connection where the body was not read to its end; of a broken one the reason is known already.
    await reader.cancel().catch(() => {});
  }
}

function withinIdleTime<T>(read: Promise<T>, idleMs: number | undefined): Promise<T> {
  if (idleMs === undefined) return read;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came for ${idleMs / 1000} s`)), idleMs);
    read.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function detailOf(body: string, response: Response): string {
  const detail = memberOf(body, "detail");
  if (typeof detail === "string") return detail;
  if (detail !== undefined) return JSON.stringify(detail);
  return body === "" ? response.statusText : body.slice(0, 2000);
}

function memberOf(text: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}

/** `promise`, given up (not ended) when the signal aborts. */
function raced<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
