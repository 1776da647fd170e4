import {
  adminRoutes,
  type BodyOf,
  type ComputeServiceId,
  type IdentityType,
  type ReplyOf,
  type Route,
  routePath,
  type Scope,
} from "@alchemiscale/contract";
import { ApiConnection, type CallOptions, type ConnectionOptions } from "./api-connection.ts";

/** An identity without its key. */
export type IdentityFacts = ReplyOf<typeof adminRoutes.getIdentity>;
export type NewIdentity = BodyOf<typeof adminRoutes.addIdentity>;
export type RegisteredService = ReplyOf<typeof adminRoutes.listServices>["services"][number];
export type ServiceFailure = ReplyOf<typeof adminRoutes.listFailures>["failures"][number];
export type IdentityChange = ReplyOf<typeof adminRoutes.identityChanges>["changes"][number];

/**
 * An administrator's client: `url` is that of the user API, the identity one of type `admin`.
 * Every method throws {@link ApiError} (404: no such identity or service), {@link ConnectionError} or {@link LoginRefused}.
 */
export class AlchemiscaleAdminClient {
  readonly connection: ApiConnection;

  constructor(options: ConnectionOptions) {
    this.connection = new ApiConnection({ ...options, tokenPath: adminRoutes.adminToken.path });
  }

  /** Of one type, or of all; by type and identifier. */
  async listIdentities(type?: IdentityType, options: CallOptions = {}): Promise<IdentityFacts[]> {
    const identities: IdentityFacts[] = [];
    for (let after: string | null = null; ; ) {
      const page: ReplyOf<typeof adminRoutes.listIdentities> = await this.#call(adminRoutes.listIdentities, {}, options, {
        type: type ?? null,
        after,
      });
      identities.push(...page.identities);
      if (page.next === null) return identities;
      after = page.next;
    }
  }

  getIdentity(type: IdentityType, identifier: string, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.getIdentity, { type, identifier }, options);
  }

  /** One that exists is left as it is: `ApiError` 409. */
  addIdentity(identity: NewIdentity, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.addIdentity, {}, options, {}, identity);
  }

  setKey(type: IdentityType, identifier: string, key: string, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.setIdentityKey, { type, identifier }, options, {}, { key });
  }

  addScopes(type: IdentityType, identifier: string, scopes: readonly Scope[], options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.addIdentityScopes, { type, identifier }, options, {}, { scopes: [...scopes] });
  }

  removeScopes(
    type: IdentityType,
    identifier: string,
    scopes: readonly Scope[],
    options: CallOptions = {},
  ): Promise<IdentityFacts> {
    return this.#call(adminRoutes.removeIdentityScopes, { type, identifier }, options, {}, { scopes: [...scopes] });
  }

  disable(type: IdentityType, identifier: string, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.disableIdentity, { type, identifier }, options, {}, {});
  }

  enable(type: IdentityType, identifier: string, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.enableIdentity, { type, identifier }, options, {}, {});
  }

  /** Null: never. */
  expire(type: IdentityType, identifier: string, expires: string | null, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.expireIdentity, { type, identifier }, options, {}, { expires });
  }

  /** What it was. */
  remove(type: IdentityType, identifier: string, options: CallOptions = {}): Promise<IdentityFacts> {
    return this.#call(adminRoutes.removeIdentity, { type, identifier }, options, {}, {});
  }

  /** The newest first, at most `limit`. */
  async changes(limit: number, options: CallOptions = {}): Promise<IdentityChange[]> {
    return (await this.#call(adminRoutes.identityChanges, {}, options, { limit: String(limit) })).changes;
  }

  async listServices(options: CallOptions = {}): Promise<RegisteredService[]> {
    return (await this.#call(adminRoutes.listServices, {}, options)).services;
  }

  /** Failures of compute services, those whose registrations have ended as well: the newest first, at most `limit`; `name`: of that name alone. */
  async failures(limit: number, name: string | null = null, options: CallOptions = {}): Promise<ServiceFailure[]> {
    return (await this.#call(adminRoutes.listFailures, {}, options, { limit: String(limit), name })).failures;
  }

  async endService(service: ComputeServiceId, options: CallOptions = {}): Promise<void> {
    await this.#call(adminRoutes.endService, { service }, options, {}, {});
  }

  #call<R extends Route>(
    route: R,
    params: Readonly<Record<string, string>>,
    options: CallOptions,
    query: Readonly<Record<string, string | null>> = {},
    body?: unknown,
  ): Promise<ReplyOf<R>> {
    return this.connection.json(
      {
        ...options,
        method: route.method,
        path: routePath(route, params),
        query,
        // No such identity is an answer here.
        notFoundIsFinal: true,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      "an object",
      (value) => (typeof value === "object" && value !== null ? (value as ReplyOf<R>) : undefined),
    );
  }
}
