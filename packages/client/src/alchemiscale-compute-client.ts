import {
  type ComputeManagerId,
  type ComputeServiceId,
  computeRoutes,
  routePath,
  type Scope,
  type ScopedKey,
  scopeParts,
} from "@alchemiscale/contract";
import { ApiClient } from "./api-client.ts";
import type { CallOptions } from "./api-connection.ts";
import { UnexpectedReply } from "./client-error.ts";
import { asObject, asScopedKey, asScopedKeysOrNulls, listOf } from "./reply-shapes.ts";
import { readTaskTransformation, type TaskTransformation } from "./task-transformation.ts";
import { WireCalls } from "./wire-calls.ts";

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
  readonly contentEncoding?: "gzip";
}

export interface PostedResult {
  /** Reference of the stored result. */
  readonly ref: ScopedKey;
  /** The provenance that came with it is stored, too. */
  readonly provenanceKept: boolean;
}

export interface TaskFailure {
  readonly service: ComputeServiceId;
  /** Class and message, for people. */
  readonly exception: string;
  readonly traceback: string;
}

/** A compute service's client. Every method throws {@link ApiError}, {@link ConnectionError} or {@link LoginRefused}. Routes: compute-api §3. */
export class AlchemiscaleComputeClient extends ApiClient {
  readonly #calls = new WireCalls(this.connection);

  /** `host`: the machine that it runs on; `versions`: of what runs it, by name. Python servers do not listen. A manager that is not registered: `ApiError` 422. */
  async register(
    service: ComputeServiceId,
    manager: ComputeManagerId | null = null,
    {
      host,
      versions,
      ...options
    }: CallOptions & { readonly host?: string; readonly versions?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const body = {
      compute_manager_id: manager,
      ...(host !== undefined && { host }),
      ...(versions !== undefined && { versions }),
    };
    await this.#calls.tell(`/computeservice/${service}/register`, body, options);
  }

  /** Its claimed Tasks wait again. */
  async deregister(service: ComputeServiceId, options: CallOptions = {}): Promise<void> {
    await this.#calls.tell(`/computeservice/${service}/deregister`, {}, options);
  }

  /** A service that is not registered (any more): `ApiError` 409. */
  async heartbeat(service: ComputeServiceId, options: CallOptions = {}): Promise<void> {
    await this.#calls.tell(`/computeservice/${service}/heartbeat`, {}, options);
  }

  /** Hubs in scopes; a hub that several of them cover comes once for each. */
  async queryTaskHubs(scopes: readonly Scope[], options: CallOptions = {}): Promise<ScopedKey[]> {
    const hubs: ScopedKey[] = [];
    for (const scope of scopes) {
      const query = { return_gufe: "false", ...scopeParts(scope) };
      hubs.push(...(await this.#calls.keys("/taskhubs", options, query)));
    }
    return hubs;
  }

  /** Hub → what is known of it. */
  async queryTaskHubContents(scopes: readonly Scope[], options: CallOptions = {}): Promise<Map<ScopedKey, TaskHub>> {
    const hubs = new Map<ScopedKey, TaskHub>();
    for (const scope of scopes) {
      const query = { return_gufe: "true", ...scopeParts(scope) };
      for (const [hub, content] of await this.#calls.get("/taskhubs", options, "hubs with their contents", asTaskHubs, query)) {
        hubs.set(hub, content);
      }
    }
    return hubs;
  }

  /** Claims Tasks of one hub. A service that is not registered: `ApiError` 409. */
  async claimTaskHubTasks(
    hub: ScopedKey,
    claim: Pick<Claim, "service" | "count" | "protocols">,
    options: CallOptions = {},
  ): Promise<ScopedKey[]> {
    const body = { compute_service_id: claim.service, count: claim.count, protocols: claim.protocols ?? null };
    const tasks = await this.#calls.post(`/taskhubs/${hub}/claim`, body, options, "a list of Tasks", asScopedKeysOrNulls);
    return tasks.filter((task) => task !== null);
  }

  /** A service that is not registered (any more): `ApiError` 409, from Python servers 500. */
  claim(claim: Claim, options: CallOptions = {}): Promise<ClaimReply> {
    return this.#calls.post("/claim", claimBody(claim), options, "a list of Tasks or null", (value) => {
      if (value === null) return { denied: true, tasks: [] };
      const tasks = asScopedKeysOrNulls(value);
      return tasks && { denied: false, tasks: tasks.filter((task) => task !== null) };
    });
  }

  /**
   * The same; where there is nothing to claim, the answer waits until there is, at most `seconds` (up to 60).
   * Python servers do not know this route: `ApiError` 404 or 405, at once.
   */
  claimWaiting(claim: Claim, seconds: number, options: CallOptions = {}): Promise<ClaimReply> {
    const { signal, retries } = options;
    const body = JSON.stringify({ ...claimBody(claim), wait: seconds });
    const path = computeRoutes.waitingClaim.path;
    const request = { signal, retries, method: "POST", path, body, notFoundIsFinal: true } as const;
    return this.connection.json(request, "Tasks, or that they are denied", (value) => {
      const reply = asObject(value);
      const tasks = listOf(reply?.tasks, asScopedKey);
      return tasks === undefined || typeof reply?.denied !== "boolean" ? undefined : { denied: reply.denied, tasks };
    });
  }

  /** The Transformation that the Task performs. Its content and what the Task extends: {@link getTaskTransformation}. */
  getTaskTransformationKey(task: ScopedKey, options: CallOptions = {}): Promise<ScopedKey> {
    return this.#calls.get(`/tasks/${task}/transformation`, options, "a ScopedKey", asScopedKey);
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
  async postResult(task: ScopedKey, result: ResultBody, options: CallOptions = {}): Promise<ScopedKey> {
    return (await this.postResultWithProvenance(task, result, options)).ref;
  }

  /** The same of a result whose body holds its provenance, and whether that is kept: Python servers pass over it. */
  postResultWithProvenance(task: ScopedKey, result: ResultBody, options: CallOptions = {}): Promise<PostedResult> {
    const { body, contentEncoding } = result;
    const request = { ...options, method: "POST", path: `/tasks/${task}/results`, body, contentEncoding } as const;
    return this.connection.json(request, "a ScopedKey", (value) => {
      const ref = asScopedKey(value);
      return ref && { ref, provenanceKept: asObject(value)?.provenance === true };
    });
  }

  /**
   * Reports a Task for which no ProtocolDAG could be made; it ends in `error`.
   * Python servers do not know this route: `ApiError` 404 or 405, at once.
   */
  async postFailure(task: ScopedKey, failure: TaskFailure, options: CallOptions = {}): Promise<void> {
    const body = { compute_service_id: failure.service, exception: failure.exception, traceback: failure.traceback };
    const { signal, retries } = options;
    const path = routePath(computeRoutes.reportTaskFailure, { task });
    const request = { signal, retries, method: "POST", path, body: JSON.stringify(body), notFoundIsFinal: true } as const;
    await this.connection.text(request);
  }
}

/** A network's hub, as compute services see it. */
export interface TaskHub {
  readonly network: ScopedKey;
  /** In [0, 1]. */
  readonly weight: number;
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

/** Each hub's content is a JSON text of its own. */
function asTaskHubs(value: unknown): Map<ScopedKey, TaskHub> | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  const hubs = new Map<ScopedKey, TaskHub>();
  for (const [text, content] of Object.entries(object)) {
    const hub = asScopedKey(text);
    const { network, weight } = asObject(typeof content === "string" ? JSON.parse(content) : undefined) ?? {};
    const networkKey = asScopedKey(network);
    if (hub === undefined || networkKey === undefined || typeof weight !== "number") return undefined;
    hubs.set(hub, { network: networkKey, weight });
  }
  return hubs;
}
