import type { ScopedKey } from "@alchemiscale/contract";
import type { ApiConnection, CallOptions } from "./api-connection.ts";
import { asScopedKeys } from "./reply-shapes.ts";

/** Query parameters; undefined and null ones are left out. */
export type Query = Readonly<Record<string, string | null | undefined>>;

/** Reads a reply; undefined for one of another shape. */
export type Check<T> = (value: unknown) => T | undefined;

/** The requests that the clients' methods are made of. */
export class WireCalls {
  readonly #connection: ApiConnection;

  constructor(connection: ApiConnection) {
    this.#connection = connection;
  }

  get<T>(path: string, options: CallOptions, expected: string, check: Check<T>, query: Query = {}): Promise<T> {
    return this.#connection.json({ ...only(options), method: "GET", path, query }, expected, check);
  }

  keys(path: string, options: CallOptions, query: Query = {}): Promise<ScopedKey[]> {
    return this.get(path, options, "a list of ScopedKeys", asScopedKeys, query);
  }

  post<T>(path: string, body: unknown, options: CallOptions, expected: string, check: Check<T>): Promise<T> {
    return this.#connection.json({ ...only(options), method: "POST", path, body: JSON.stringify(body) }, expected, check);
  }

  /** For replies that say nothing. */
  async tell(path: string, body: unknown, options: CallOptions): Promise<void> {
    await this.#connection.text({ ...only(options), method: "POST", path, body: JSON.stringify(body) });
  }
}

/** Without what belongs to the method. */
function only({ signal, retries }: CallOptions): CallOptions {
  return { signal, retries };
}
