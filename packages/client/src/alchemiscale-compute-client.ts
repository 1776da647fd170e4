import { type ComputeManagerId, type ComputeServiceId, type Scope, type ScopedKey, scopeParts } from "@alchemiscale/contract";
import { ApiConnection, type CallOptions, type ConnectionOptions } from "./api-connection.ts";
import { UnexpectedReply } from "./client-error.ts";
import { asScopedKey, listOf } from "./reply-shapes.ts";
import { readTaskTransformation, type TaskTransformation } from "./task-transformation.ts";

export interface Claim {
  readonly service: ComputeServiceId;
  readonly count: number;
  /** Null = all that the identity may see. */
  readonly scopes?: readonly Scope[] | null;
  readonly scopesExclude?: readonly Scope[] | null;
  /** Protocol class names; null = any. */
  readonly protocols?: readonly string[] | null;
}

export interface ClaimReply {
  /** The service failed too often lately; it should wait long before it asks again. */
  readonly denied: boolean;
  readonly tasks: readonly ScopedKey[];
}

/** The body of a result post, encoded (`encodeResult` of `@alchemiscale/client/node`). */
export interface ResultBody {
  readonly body: Blob;
  readonly contentEncoding: "gzip";
}

export interface TaskFailure {
  readonly service: ComputeServiceId;
  /** Class and message, for people. */
  readonly exception: string;
  readonly traceback: string;
}

/** A compute service's client. Every method throws {@link ApiError}, {@link ConnectionError} or {@link LoginRefused}. Routes: compute-api §3. */
export class AlchemiscaleComputeClient {
  readonly connection: ApiConnection;

  constructor(options: ConnectionOptions) {
    this.connection = new ApiConnection(options);
  }

  /** The name of the API; needs no identity. */
  async ping(options: CallOptions = {}): Promise<string> {
    const request = { ...options, method: "GET", path: "/ping", anonymous: true } as const;
    return this.connection.json(request, '{"api": …}', (value) =>
      typeof value === "object" && value !== null && "api" in value ? String(value.api) : undefined,
    );
  }

  /** `host`: the machine that it runs on; Python servers do not listen. A manager that is not registered: `ApiError` 422. */
  async register(
    service: ComputeServiceId,
    manager: ComputeManagerId | null = null,
    { host, ...options }: CallOptions & { readonly host?: string } = {},
  ): Promise<void> {
    const body = { compute_manager_id: manager, ...(host !== undefined && { host }) };
    await this.#post(`/computeservice/${service}/register`, body, options);
  }

  /** Its claimed Tasks wait again. */
  async deregister(service: ComputeServiceId, options: CallOptions = {}): Promise<void> {
    await this.#post(`/computeservice/${service}/deregister`, {}, options);
  }

  /** A service that is not registered (any more): `ApiError` 409. */
  async heartbeat(service: ComputeServiceId, options: CallOptions = {}): Promise<void> {
    await this.#post(`/computeservice/${service}/heartbeat`, {}, options);
  }

  /** A service that is not registered (any more): `ApiError` 409, from Python servers 500. */
  claim(claim: Claim, options: CallOptions = {}): Promise<ClaimReply> {
    const request = { ...options, method: "POST", path: "/claim", body: JSON.stringify(claimBody(claim)) } as const;
    return this.connection.json(request, "a list of Tasks or null", (value) => {
      if (value === null) return { denied: true, tasks: [] };
      const tasks = listOf(value, (item) => (item === null ? null : asScopedKey(item)));
      return tasks && { denied: false, tasks: tasks.filter((task) => task !== null) };
    });
  }

  /**
   * The same, answered when there is something to claim, or after `seconds` (up to 60). Python servers do not know this route: `ApiError` 404
   * or 405, at once.
   */
  claimWaiting(claim: Claim, seconds: number, options: CallOptions = {}): Promise<ClaimReply> {
    const body = { ...claimBody(claim), wait: seconds };
    const request = { ...options, method: "POST", path: "/v1/claim", body: JSON.stringify(body), notFoundIsFinal: true } as const;
    return this.connection.json(request, '{"tasks": […], "denied": …}', (value) => {
      if (typeof value !== "object" || value === null || !("tasks" in value) || !("denied" in value)) return undefined;
      const tasks = listOf(value.tasks, asScopedKey);
      return tasks && { denied: value.denied === true, tasks };
    });
  }

  /** Any server's form of the Transformation, as a keyed chain, and the result that the Task extends. */
  async getTaskTransformation(task: ScopedKey, options: CallOptions = {}): Promise<TaskTransformation> {
    const request = {
      ...options,
      method: "GET",
      path: `/tasks/${task}/transformation/gufe`,
      query: { form: "chain" },
      // Exactly this value is how 0.8.0 servers' clients are told from older ones behind a proxy.
      headers: { "accept-encoding": "gzip" },
    } as const;
    const text = await this.connection.text(request);
    const reply = readTaskTransformation(text);
    if (reply === undefined) throw new UnexpectedReply(request, "[Transformation, result or null]", text);
    return reply;
  }

  /** The reference of the stored result. Safe to repeat. */
  postResult(task: ScopedKey, result: ResultBody, options: CallOptions = {}): Promise<ScopedKey> {
    const { body, contentEncoding } = result;
    const request = { ...options, method: "POST", path: `/tasks/${task}/results`, body, contentEncoding } as const;
    return this.connection.json(request, "a ScopedKey", asScopedKey);
  }

  /**
   * Reports a Task for which no ProtocolDAG could be made; it ends in `error`.
   * Python servers do not know this route: `ApiError` 404 or 405, at once.
   */
  async postFailure(task: ScopedKey, failure: TaskFailure, options: CallOptions = {}): Promise<void> {
    const body = { compute_service_id: failure.service, exception: failure.exception, traceback: failure.traceback };
    await this.#post(`/v1/tasks/${task}/failure`, body, options, true);
  }

  async #post(path: string, body: unknown, options: CallOptions, notFoundIsFinal = false): Promise<void> {
    await this.connection.text({ ...options, method: "POST", path, body: JSON.stringify(body), notFoundIsFinal });
  }
}

function claimBody(claim: Claim): Record<string, unknown> {
  const anywhere = [{ org: null, campaign: null, project: null }];
  return {
    scopes: claim.scopes && claim.scopes.length > 0 ? claim.scopes.map(scopeParts) : anywhere,
    scopes_exclude: claim.scopesExclude && claim.scopesExclude.length > 0 ? claim.scopesExclude.map(scopeParts) : null,
    compute_service_id: claim.service,
    count: claim.count,
    protocols: claim.protocols ?? null,
  };
}
