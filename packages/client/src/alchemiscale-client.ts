import {
  isNetworkState,
  isSpecific,
  isTaskStatus,
  type NetworkState,
  parseScope,
  type Scope,
  type ScopedKey,
  scopedKeyParts,
  scopeParts,
  type TaskStatus,
  type UserTaskStatus,
} from "@alchemiscale/contract";
import { ApiConnection, type CallOptions, type ConnectionOptions } from "./api-connection.ts";
import { UnexpectedReply } from "./client-error.ts";
import { latin1Bytes } from "./latin1-bytes.ts";
import { type NetworkResultsOptions, networkResults, type StreamedResult } from "./network-results.ts";
import {
  asBoolean,
  asKeyWeights,
  asScopedKey,
  asScopedKeys,
  asScopedKeysOrNulls,
  asStatusCounts,
  asText,
  listOf,
  type StatusCounts,
} from "./reply-shapes.ts";

/** A scope with a wildcard where one place is needed. */
export class ScopeNotSpecific extends Error {
  override readonly name = "ScopeNotSpecific";
  readonly scope: Scope;

  constructor(scope: Scope) {
    super(`the scope ${scope} has a wildcard; a network lives in one place: give org, campaign and project`);
    this.scope = scope;
  }
}

export interface ScopeAndName extends CallOptions {
  readonly scope?: Scope;
  readonly name?: string;
}

/** Keys a bulk request, as the Python client sends them. */
const batchSize = 1000;
/** Bulk requests in flight at once. */
const batchesAtOnce = 8;

/**
 * A user's client. gufe objects go in and come out as keyed chain texts, character for character.
 * Every method throws {@link ApiError}, {@link ConnectionError} or {@link LoginRefused}. Routes: user-api §5.
 */
export class AlchemiscaleClient {
  readonly connection: ApiConnection;

  constructor(options: ConnectionOptions) {
    this.connection = new ApiConnection(options);
  }

  // --- service ---

  /** The name of the API; needs no identity. */
  async ping(options: CallOptions = {}): Promise<string> {
    const reply = await this.connection.json(
      { ...options, method: "GET", path: "/ping", anonymous: true },
      '{"api": …}',
      asObject,
    );
    return String(reply.api);
  }

  info(options: CallOptions = {}): Promise<Record<string, unknown>> {
    return this.connection.json({ ...options, method: "GET", path: "/info" }, "an object", asObject);
  }

  /** Scopes of the own identity, as stored now (the token may still hold older ones). */
  getScopes(options: CallOptions = {}): Promise<Scope[]> {
    const path = `/identities/${encodeURIComponent(this.connection.identifier)}/scopes`;
    return this.connection.json({ ...options, method: "GET", path }, "a list of scopes", (value) =>
      listOf(value, (item) => (typeof item === "string" ? parseScope(item) : undefined)),
    );
  }

  exists(key: ScopedKey, options: CallOptions = {}): Promise<boolean> {
    return this.connection.json({ ...options, method: "GET", path: `/exists/${key}` }, "a boolean", asBoolean);
  }

  // --- networks and objects ---

  /**
   * Submits a network. `chain` is its keyed chain, sent as it stands.
   * @throws {ScopeNotSpecific}
   */
  async createNetwork(
    chain: string,
    scope: Scope,
    options: CallOptions & { readonly state?: NetworkState; readonly gzip?: boolean } = {},
  ): Promise<ScopedKey> {
    if (!isSpecific(scope)) throw new ScopeNotSpecific(scope);
    const { state = "active", gzip = true, ...call } = options;
    const body = `{"network": ${chain}, "scope": ${JSON.stringify(scopeParts(scope))}, "state": ${JSON.stringify(state)}}`;
    return this.connection.json({ ...call, method: "POST", path: "/networks", body, gzip }, "a ScopedKey", asScopedKey);
  }

  /** Keyed chain text. */
  getNetwork(network: ScopedKey, options: CallOptions = {}): Promise<string> {
    return this.connection.text({ ...options, method: "GET", path: `/networks/${network}` });
  }

  /** Keyed chain text. */
  getTransformation(transformation: ScopedKey, options: CallOptions = {}): Promise<string> {
    return this.connection.text({ ...options, method: "GET", path: `/transformations/${transformation}` });
  }

  /** Keyed chain text. */
  getChemicalSystem(system: ScopedKey, options: CallOptions = {}): Promise<string> {
    return this.connection.text({ ...options, method: "GET", path: `/chemicalsystems/${system}` });
  }

  /** `name` and `state` are patterns for the whole value; `state: null` = any. */
  queryNetworks(options: ScopeAndName & { readonly state?: string | null } = {}): Promise<ScopedKey[]> {
    const { state = "active", ...rest } = options;
    return this.#query("/networks", rest, { state });
  }

  /** `name` is exact. */
  queryTransformations(options: ScopeAndName = {}): Promise<ScopedKey[]> {
    return this.#query("/transformations", options);
  }

  /** `name` is exact. */
  queryChemicalSystems(options: ScopeAndName = {}): Promise<ScopedKey[]> {
    return this.#query("/chemicalsystems", options);
  }

  getNetworkTransformations(network: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/networks/${network}/transformations`, options);
  }

  getNetworkChemicalSystems(network: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/networks/${network}/chemicalsystems`, options);
  }

  getTransformationNetworks(transformation: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/transformations/${transformation}/networks`, options);
  }

  /** stateA, stateB; one element for a NonTransformation. */
  getTransformationChemicalSystems(transformation: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/transformations/${transformation}/chemicalsystems`, options);
  }

  async getNetworkState(network: ScopedKey, options: CallOptions = {}): Promise<NetworkState | null> {
    const [state] = await this.#bulk("/bulk/networks/state/get", { networks: [network] }, options, "a list of states", (value) =>
      listOf(value, (item) => (item === null || (typeof item === "string" && isNetworkState(item)) ? item : undefined)),
    );
    return state ?? null;
  }

  /** Null when there is no such network. */
  async setNetworkState(network: ScopedKey, state: NetworkState, options: CallOptions = {}): Promise<ScopedKey | null> {
    const body = { networks: [network], states: [state] };
    const [key] = await this.#bulk("/bulk/networks/state/set", body, options, "a list of ScopedKeys", asScopedKeysOrNulls);
    return key ?? null;
  }

  /** Weight of the network's hub in [0, 1]; null when there is no such network. */
  getNetworkWeight(network: ScopedKey, options: CallOptions = {}): Promise<number | null> {
    return this.connection.json({ ...options, method: "GET", path: `/networks/${network}/weight` }, "a number", (value) =>
      typeof value === "number" || value === null ? value : undefined,
    );
  }

  setNetworkWeight(network: ScopedKey, weight: number, options: CallOptions = {}): Promise<ScopedKey | null> {
    const request = { ...options, method: "POST", path: `/networks/${network}/weight`, body: JSON.stringify(weight) } as const;
    return this.connection.json(request, "a ScopedKey or null", (value) => (value === null ? null : asScopedKey(value)));
  }

  // --- tasks ---

  /** New Tasks of one Transformation. A repeat after a lost reply creates them again; `retries: noRetries` leaves that choice to the caller. */
  createTasks(
    transformation: ScopedKey,
    options: CallOptions & { readonly count?: number; readonly extends?: ScopedKey | null } = {},
  ): Promise<ScopedKey[]> {
    const { count = 1, extends: extended = null, ...call } = options;
    const body = { extends: extended === null ? null : scopedKeyParts(extended), count };
    return this.#bulk(`/transformations/${transformation}/tasks`, body, call, "a list of ScopedKeys", asScopedKeys);
  }

  /** One Task for each entry, in order; a Transformation may occur several times. */
  createTransformationsTasks(
    transformations: readonly ScopedKey[],
    options: CallOptions & { readonly extends?: readonly (ScopedKey | null)[] | null } = {},
  ): Promise<ScopedKey[]> {
    const { extends: extended = null, ...call } = options;
    const body = { transformations, extends: extended !== null && extended.length > 0 ? extended : null };
    return this.#bulk("/bulk/transformations/tasks/create", body, call, "a list of ScopedKeys", asScopedKeys);
  }

  queryTasks(options: CallOptions & { readonly scope?: Scope; readonly status?: TaskStatus } = {}): Promise<ScopedKey[]> {
    const { status, ...rest } = options;
    return this.#query("/tasks", rest, { status });
  }

  getNetworkTasks(network: ScopedKey, options: CallOptions & { readonly status?: TaskStatus } = {}): Promise<ScopedKey[]> {
    const { status, ...call } = options;
    return this.#keys(`/networks/${network}/tasks`, call, { status });
  }

  getTransformationTasks(
    transformation: ScopedKey,
    options: CallOptions & { readonly status?: TaskStatus; readonly extends?: ScopedKey } = {},
  ): Promise<ScopedKey[]> {
    const { status, extends: extended, ...call } = options;
    return this.#keys(`/transformations/${transformation}/tasks`, call, { status, extends: extended });
  }

  getTaskTransformation(task: ScopedKey, options: CallOptions = {}): Promise<ScopedKey> {
    return this.connection.json({ ...options, method: "GET", path: `/tasks/${task}/transformation` }, "a ScopedKey", asScopedKey);
  }

  /** Null where a Task is missing, cannot be actioned here, or is already. `weight`: one for all, one each, or leave as they are. */
  actionTasks(
    network: ScopedKey,
    tasks: readonly ScopedKey[],
    options: CallOptions & { readonly weight?: number | readonly number[] | null } = {},
  ): Promise<(ScopedKey | null)[]> {
    const { weight = null, ...call } = options;
    const body = { tasks: tasks.map(scopedKeyParts), weight };
    return this.#bulk(`/networks/${network}/tasks/action`, body, call, "a list of ScopedKeys", asScopedKeysOrNulls);
  }

  /** Null where a Task was not actioned on the network. */
  cancelTasks(network: ScopedKey, tasks: readonly ScopedKey[], options: CallOptions = {}): Promise<(ScopedKey | null)[]> {
    const body = { tasks: tasks.map(scopedKeyParts) };
    return this.#bulk(`/networks/${network}/tasks/cancel`, body, options, "a list of ScopedKeys", asScopedKeysOrNulls);
  }

  /** Tasks actioned on the network, with their weights. */
  getNetworkActionedTasks(network: ScopedKey, options: CallOptions = {}): Promise<Map<ScopedKey, number>> {
    const body = { task_weights: true };
    return this.#bulk(`/networks/${network}/tasks/actioned`, body, options, "weights of Tasks", asKeyWeights);
  }

  /** Null for a missing Task. */
  getTasksStatus(tasks: readonly ScopedKey[], options: CallOptions = {}): Promise<(TaskStatus | null)[]> {
    return this.#batched(tasks, (batch) =>
      this.#bulk("/bulk/tasks/status/get", { tasks: batch.map(scopedKeyParts) }, options, "a list of statuses", (value) =>
        listOf(value, (item) => (item === null || (typeof item === "string" && isTaskStatus(item)) ? item : undefined)),
      ),
    );
  }

  /** Null where the Task is missing or may not go there from where it is. */
  setTasksStatus(tasks: readonly ScopedKey[], status: UserTaskStatus, options: CallOptions = {}): Promise<(ScopedKey | null)[]> {
    return this.#batched(tasks, (batch) => {
      const body = { tasks: batch.map(scopedKeyParts), status };
      return this.#bulk("/bulk/tasks/status/set", body, options, "a list of ScopedKeys", asScopedKeysOrNulls);
    });
  }

  // --- status counts: statuses without a Task are absent ---

  getNetworkStatus(network: ScopedKey, options: CallOptions = {}): Promise<StatusCounts> {
    return this.#counts(`/networks/${network}/status`, options);
  }

  getTransformationStatus(transformation: ScopedKey, options: CallOptions = {}): Promise<StatusCounts> {
    return this.#counts(`/transformations/${transformation}/status`, options);
  }

  /** `networkState` is a pattern; null = any. */
  getScopeStatus(scope: Scope, options: CallOptions & { readonly networkState?: string | null } = {}): Promise<StatusCounts> {
    const { networkState = "active", ...call } = options;
    return this.#counts(`/scopes/${scope}/status`, call, { network_state: networkState });
  }

  // --- results ---

  /** References of results whose units all succeeded. */
  getTransformationResults(transformation: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/transformations/${transformation}/results`, options);
  }

  getTransformationFailures(transformation: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/transformations/${transformation}/failures`, options);
  }

  getTaskResults(task: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/tasks/${task}/results`, options);
  }

  getTaskFailures(task: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#keys(`/tasks/${task}/failures`, options);
  }

  /**
   * The stored bytes of a ProtocolDAGResult, normally one zstd frame of its keyed chain (user-api §5.8).
   * `route` is where its reference was listed.
   */
  async getResult(
    transformation: ScopedKey,
    reference: ScopedKey,
    options: CallOptions & { readonly route?: "results" | "failures" } = {},
  ): Promise<Uint8Array> {
    const { route = "results", ...call } = options;
    const request = {
      ...call,
      method: "GET",
      path: `/transformations/${transformation}/${route}/${reference}`,
      headers: { "accept-encoding": "gzip" },
    } as const;
    const [text] = await this.connection.json(request, "a list with one text", (value) => listOf(value, asText));
    const bytes = text === undefined ? undefined : latin1Bytes(text);
    if (bytes === undefined) throw new UnexpectedReply(request, "one text of characters up to U+00FF", String(text));
    return bytes;
  }

  /**
   * Every result of a network, one by one: never more than one is held. A stream that is cut is taken up again. The generator returns the
   * cursor after which later results will come. Servers of ours only.
   */
  networkResults(network: ScopedKey, options: NetworkResultsOptions = {}): AsyncGenerator<StreamedResult, string> {
    return networkResults(this.connection, network, options);
  }

  #query(path: string, options: ScopeAndName, query: Record<string, string | null | undefined> = {}): Promise<ScopedKey[]> {
    const { scope, name, ...call } = options;
    return this.#keys(path, call, { name, ...(scope === undefined ? {} : scopeParts(scope)), ...query });
  }

  #keys(path: string, options: CallOptions, query: Record<string, string | null | undefined> = {}): Promise<ScopedKey[]> {
    return this.connection.json({ ...options, method: "GET", path, query }, "a list of ScopedKeys", asScopedKeys);
  }

  #counts(path: string, options: CallOptions, query: Record<string, string | null | undefined> = {}): Promise<StatusCounts> {
    return this.connection.json({ ...options, method: "GET", path, query }, "counts by status", asStatusCounts);
  }

  #bulk<T>(
    path: string,
    body: unknown,
    options: CallOptions,
    expected: string,
    check: (value: unknown) => T | undefined,
  ): Promise<T> {
    return this.connection.json({ ...options, method: "POST", path, body: JSON.stringify(body) }, expected, check);
  }

  /** Replies in the order of `keys`, by requests of at most a thousand keys. */
  async #batched<T>(keys: readonly ScopedKey[], call: (batch: readonly ScopedKey[]) => Promise<T[]>): Promise<T[]> {
    const replies: T[][] = [];
    const starts = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, index) => index * batchSize);
    const next = starts.entries();
    const runner = async () => {
      for (const [index, start] of next) replies[index] = await call(keys.slice(start, start + batchSize));
    };
    await Promise.all(Array.from({ length: Math.min(batchesAtOnce, starts.length) }, runner));
    return replies.flat();
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
