import type { ScopedKey } from "@alchemiscale/contract";
import type { ApiConnection, ApiRequest, CallOptions } from "./api-connection.ts";
import { asScopedKeys } from "./reply-shapes.ts";

/** Query parameters; undefined and null ones are left out. */
export type Query = Readonly<Record<string, string | null | undefined>>;

/** Reads a reply; undefined for one of another shape. */
export type Check<T> = (value: unknown) => T | undefined;

/** The requests that the clients' methods are made of. */
export class WireCalls {
  readonly #connection: ApiConnection;
  readonly #notFoundIsFinal: boolean;

  /** `notFoundIsFinal`: of routes that not every server has. */
  constructor(connection: ApiConnection, { notFoundIsFinal = false }: Pick<ApiRequest, "notFoundIsFinal"> = {}) {
    this.#connection = connection;
    this.#notFoundIsFinal = notFoundIsFinal;
  }

  get<T>(path: string, options: CallOptions, expected: string, check: Check<T>, query: Query = {}): Promise<T> {
    return this.#connection.json({ ...this.#common(options), method: "GET", path, query }, expected, check);
  }

  keys(path: string, options: CallOptions, query: Query = {}): Promise<ScopedKey[]> {
    return this.get(path, options, "a list of ScopedKeys", asScopedKeys, query);
  }

  post<T>(path: string, body: unknown, options: CallOptions, expected: string, check: Check<T>): Promise<T> {
    return this.#connection.json({ ...this.#common(options), method: "POST", path, body: JSON.stringify(body) }, expected, check);
  }

  /** For replies that say nothing. */
  async tell(path: string, body: unknown, options: CallOptions): Promise<void> {
    await this.#connection.text({ ...this.#common(options), method: "POST", path, body: JSON.stringify(body) });
  }

  /** Without what belongs to the method. */
  #common({ signal, retries }: CallOptions): Pick<ApiRequest, "signal" | "retries" | "notFoundIsFinal"> {
    return { signal, retries, notFoundIsFinal: this.#notFoundIsFinal };
  }
}
