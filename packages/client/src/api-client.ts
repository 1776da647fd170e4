import { parseScope, type Scope } from "@alchemiscale/contract";
import { ApiConnection, type CallOptions, type ConnectionOptions } from "./api-connection.ts";
import { asObject, asText, listOf } from "./reply-shapes.ts";
import { WireCalls } from "./wire-calls.ts";

/** What the clients of the user and the compute API have in common. */
export abstract class ApiClient {
  readonly connection: ApiConnection;
  readonly #calls: WireCalls;

  /** @throws {InvalidApiUrl} {@link InvalidRetryPolicy} */
  constructor(options: ConnectionOptions) {
    this.connection = new ApiConnection(options);
    this.#calls = new WireCalls(this.connection);
  }

  /** The name of the API; needs no identity. */
  ping({ signal, retries }: CallOptions = {}): Promise<string> {
    const request = { signal, retries, method: "GET", path: "/ping", anonymous: true } as const;
    return this.connection.json(request, '{"api": …}', (value) => asText(asObject(value)?.api));
  }

  getInfo(options: CallOptions = {}): Promise<Record<string, unknown>> {
    return this.#calls.get("/info", options, "an object", asObject);
  }

  /** Scopes of the own identity, as stored now (the token may still hold older ones). */
  listScopes(options: CallOptions = {}): Promise<Scope[]> {
    const path = `/identities/${encodeURIComponent(this.connection.identifier)}/scopes`;
    return this.#calls.get(path, options, "a list of scopes", (value) =>
      listOf(value, (item) => (typeof item === "string" ? parseScope(item) : undefined)),
    );
  }
}
