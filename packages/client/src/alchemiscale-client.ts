import {
  isNetworkCost,
  isNetworkEstimates,
  isNetworkState,
  isProvenance,
  isSpecific,
  isStrategyDecisions,
  isStrategyDescription,
  isTaskStatus,
  isTransformationEstimate,
  isUserTaskStatus,
  type NetworkCost,
  type NetworkEstimates,
  type NetworkState,
  networkStates,
  type Provenance,
  parseScope,
  routePath,
  type Scope,
  type ScopedKey,
  type StackCombination,
  type StackRole,
  type StackUntil,
  type StrategyDecisions,
  type StrategyDescription,
  type StrategyMode,
  type StrategyStatus,
  scopedKey,
  scopedKeyParts,
  scopeParts,
  strategyStatuses,
  type TaskScaling,
  type TaskStatus,
  type TransformationEstimate,
  type UserTaskStatus,
  userRoutes,
  userTaskStatuses,
} from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { ApiClient } from "./api-client.ts";
import type { CallOptions, ConnectionOptions } from "./api-connection.ts";
import { archiveChunks, type Decompress, type Metadata } from "./archive/archive-chunks.ts";
import type { ContentCache } from "./cache/content-cache.ts";
import { ApiError, InvalidArgument } from "./client-error.ts";
import { type EventPage, type NetworkEvent, readEventPage } from "./events/network-event.ts";
import { readServerSentEvents } from "./events/server-sent-events.ts";
import { anySignal, defaultBatchSize, inBatches } from "./in-batches.ts";
import { type ProgressListener, type ProgressOperation, ProgressReporter } from "./progress.ts";
import { readPriorities } from "./read-priorities.ts";
import {
  asBoolean,
  asKeyWeights,
  asObject,
  asParents,
  asScopedKey,
  asScopedKeyOrNull,
  asScopedKeys,
  asScopedKeysOrNulls,
  asStatusCounts,
  listOf,
  type StatusCounts,
} from "./reply-shapes.ts";
import { asFailureWithoutResult, type FailureWithoutResult } from "./results/failure-without-result.ts";
import { type NetworkResultsOptions, resultStream, type StreamedResult } from "./results/network-results.ts";
import { ResultListing } from "./results/result-listing.ts";
import { ResultRetriever, type RetrievalOptions, referenceFacts } from "./results/result-retriever.ts";
import type { RetrievedResult } from "./results/retrieved-result.ts";
import { asStrategyState, type StrategyState } from "./strategy-state.ts";
import { type Query, WireCalls } from "./wire-calls.ts";

/** A scope with a wildcard where one place is needed. */
export class ScopeNotSpecific extends Error {
  override readonly name = "ScopeNotSpecific";
  readonly scope: Scope;

  constructor(scope: Scope) {
    super(`the scope ${scope} has a wildcard; a network lives in one place: give org, campaign and project`);
    this.scope = scope;
  }
}

export interface EstimateOptions extends CallOptions {
  /** Seconds that the server may wait for what has landed and is not part of it yet; none unless told, 60 at most. */
  readonly wait?: number;
}

export interface ScopeAndName extends CallOptions {
  readonly scope?: Scope | undefined;
  readonly name?: string | undefined;
}

/** For calls that tell how far they have come. */
export interface ReportedCallOptions extends CallOptions {
  readonly onProgress?: ProgressListener;
}

/** For calls that are cut into several requests. */
export interface BatchedCallOptions extends ReportedCallOptions {
  /** Keys a request; 1000 unless told. */
  readonly batchSize?: number;
}

export interface ClientOptions extends ConnectionOptions {
  /** Keeps objects and results (`memoryCache`, or `diskCache` of `@alchemiscale/client/node`). None unless told. */
  readonly cache?: ContentCache;
  /** Results asked for at once; as many are held in memory. 8 unless told. */
  readonly concurrency?: number;
  /** Told of everything that takes long, whichever call it belongs to. */
  readonly onProgress?: ProgressListener;
}

/** A network's strategy, as it is set. */
export interface StrategySettings {
  /** At least 1. */
  readonly maxTasksPerTransformation?: number;
  readonly taskScaling?: TaskScaling;
  readonly mode?: StrategyMode;
  /** Seconds between two proposals; at least 1. */
  readonly sleepInterval?: number;
}

/** With what is set where nothing else is said. */
function wholeSettings({
  maxTasksPerTransformation = 3,
  taskScaling = "exponential",
  mode = "partial",
  sleepInterval = 3600,
}: StrategySettings): Required<StrategySettings> {
  return { maxTasksPerTransformation, taskScaling, mode, sleepInterval };
}

function settingsMembers({ maxTasksPerTransformation, taskScaling, mode, sleepInterval }: StrategySettings) {
  return {
    max_tasks_per_transformation: maxTasksPerTransformation,
    task_scaling: taskScaling,
    mode,
    sleep_interval: sleepInterval,
  };
}

/** How the members of a stack become one proposal. */
export interface StackOptions {
  readonly combine?: StackCombination;
  /** GPU hours spent on the network after which the stack is done. */
  readonly maxGpuHours?: number | null;
}

/** A strategy of a stack. */
export interface NewStackMember {
  /** A keyed chain, sent as it stands. */
  readonly strategy: string;
  readonly weight?: number;
  readonly role?: StackRole;
  readonly until?: StackUntil;
  readonly maxGpuHours?: number | null;
}

/**
 * A user's client. gufe objects go in and come out as keyed chain texts, character for character.
 *
 * Every method takes a signal that ends it, and throws {@link ApiError}, {@link ConnectionError} or {@link LoginRefused}.
 * Lists of Tasks and networks are answered in the order in which they were given. Routes: user-api §5; methods by their Python names: docs/client.md.
 *
 * {@includeCode ../../../examples/client/submit-network.ts}
 */
export class AlchemiscaleClient extends ApiClient {
  readonly #calls = new WireCalls(this.connection);
  /** Of routes that Python servers lack. */
  readonly #ownCalls = new WireCalls(this.connection, { notFoundIsFinal: true });
  readonly #cache: ContentCache | undefined;
  readonly #onProgress: ProgressListener | undefined;
  readonly #results: ResultRetriever;

  /** @throws {InvalidApiUrl} {@link InvalidRetryPolicy} */
  constructor(options: ClientOptions) {
    super(options);
    this.#cache = options.cache;
    this.#onProgress = options.onProgress;
    const { cache, concurrency = 8, onProgress } = options;
    this.#results = new ResultRetriever(this.connection, { cache, concurrency, onProgress });
  }

  // --- service ---

  /** The same as {@link getInfo}. */
  info(options: CallOptions = {}): Promise<Record<string, unknown>> {
    return this.getInfo(options);
  }

  /** Scopes of the own identity, sorted, as stored now (the token may still hold older ones). */
  async getScopes(options: CallOptions = {}): Promise<Scope[]> {
    return (await super.listScopes(options)).sort();
  }

  /** The same as {@link getScopes}. */
  override listScopes(options: CallOptions = {}): Promise<Scope[]> {
    return this.getScopes(options);
  }

  /**
   * The key that the root of a keyed chain has in a place. Asks nobody.
   * @throws {InvalidScopedKey} for a scope with a wildcard.
   */
  getScopedKey(chain: string, scope: Scope): ScopedKey {
    return scopedKey(sliceKeyedChain(chain).root.key, scope);
  }

  /** Whether the server has it: an object, a Task, a result's reference, a strategy. */
  checkExists(key: ScopedKey, options: CallOptions = {}): Promise<boolean> {
    return this.#calls.get(`/exists/${key}`, options, "a boolean", asBoolean);
  }

  /** The same as {@link checkExists}. */
  exists(key: ScopedKey, options: CallOptions = {}): Promise<boolean> {
    return this.checkExists(key, options);
  }

  // --- networks and objects ---

  /**
   * Submits a network. `chain` is its keyed chain, sent as it stands. A network that is there already gets the state, and its weight becomes 0.5.
   * @throws {ScopeNotSpecific} {@link InvalidArgument}
   */
  async createNetwork(
    chain: string,
    scope: Scope,
    options: ReportedCallOptions & { readonly state?: NetworkState; readonly gzip?: boolean } = {},
  ): Promise<ScopedKey> {
    if (!isSpecific(scope)) throw new ScopeNotSpecific(scope);
    const { state = "active", gzip = true, signal, retries } = options;
    refuseUnknownState(state);
    const body = `{"network": ${chain}, "scope": ${JSON.stringify(scopeParts(scope))}, "state": ${JSON.stringify(state)}}`;
    const request = { signal, retries, method: "POST", path: "/networks", body, gzip } as const;
    const progress = this.#progress("create-network", scope, options, 1);
    return progress.during(
      this.connection.json(request, "a ScopedKey", asScopedKey).then((key) => {
        progress.advance(1, body.length);
        return key;
      }),
    );
  }

  /** Keyed chain text. Kept by the cache. */
  getNetwork(network: ScopedKey, options: ReportedCallOptions = {}): Promise<string> {
    return this.#content("get-network", `/networks/${network}`, network, options);
  }

  /** Keyed chain text. Kept by the cache. */
  getTransformation(transformation: ScopedKey, options: ReportedCallOptions = {}): Promise<string> {
    return this.#content("get-transformation", `/transformations/${transformation}`, transformation, options);
  }

  /** Keyed chain text. Kept by the cache. */
  getChemicalSystem(system: ScopedKey, options: ReportedCallOptions = {}): Promise<string> {
    return this.#content("get-chemical-system", `/chemicalsystems/${system}`, system, options);
  }

  /** `name` and `state` are patterns for the whole value; `state: null` = any. */
  queryNetworks(options: ScopeAndName & { readonly state?: string | null } = {}): Promise<ScopedKey[]> {
    const { state = "active" } = options;
    return this.#query("/networks", options, { state });
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
    return this.#calls.keys(`/networks/${network}/transformations`, options);
  }

  getNetworkChemicalSystems(network: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#calls.keys(`/networks/${network}/chemicalsystems`, options);
  }

  getTransformationNetworks(transformation: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#calls.keys(`/transformations/${transformation}/networks`, options);
  }

  /** stateA, stateB; one element for a NonTransformation. */
  getTransformationChemicalSystems(transformation: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#calls.keys(`/transformations/${transformation}/chemicalsystems`, options);
  }

  getChemicalSystemNetworks(system: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#calls.keys(`/chemicalsystems/${system}/networks`, options);
  }

  getChemicalSystemTransformations(system: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#calls.keys(`/chemicalsystems/${system}/transformations`, options);
  }

  /** Null when there is no such network. */
  async getNetworkState(network: ScopedKey, options: CallOptions = {}): Promise<NetworkState | null> {
    const [state] = await this.getNetworksState([network], options);
    return state ?? null;
  }

  /** Null for a network that is not there. */
  getNetworksState(networks: readonly ScopedKey[], options: CallOptions = {}): Promise<(NetworkState | null)[]> {
    return this.#calls.post("/bulk/networks/state/get", { networks }, options, "a list of states", (value) =>
      listOf(value, (item) => (item === null || (typeof item === "string" && isNetworkState(item)) ? item : undefined)),
    );
  }

  /** Null when there is no such network. @throws {InvalidArgument} */
  async setNetworkState(network: ScopedKey, state: NetworkState, options: CallOptions = {}): Promise<ScopedKey | null> {
    const [key] = await this.setNetworksState([network], [state], options);
    return key ?? null;
  }

  /** Null for a network that is not there. One state for each network. @throws {InvalidArgument} */
  async setNetworksState(
    networks: readonly ScopedKey[],
    states: readonly NetworkState[],
    options: CallOptions = {},
  ): Promise<(ScopedKey | null)[]> {
    refuseOtherLength("states", states, networks);
    for (const state of states) refuseUnknownState(state);
    const body = { networks, states };
    return this.#calls.post("/bulk/networks/state/set", body, options, "a list of ScopedKeys", asScopedKeysOrNulls);
  }

  /** Weight of the network's hub in [0, 1]; null when there is no such network. */
  getNetworkWeight(network: ScopedKey, options: CallOptions = {}): Promise<number | null> {
    return this.#calls.get(`/networks/${network}/weight`, options, "a number", asNumberOrNull);
  }

  /** Null for a network that is not there. */
  getNetworksWeight(networks: readonly ScopedKey[], options: BatchedCallOptions = {}): Promise<(number | null)[]> {
    const path = "/bulk/networks/weight/get";
    return this.#batched(path, networks, options, (batch, call) =>
      this.#calls.post(path, { networks: batch }, call, "a list of numbers", (value) => listOf(value, asNumberOrNull)),
    );
  }

  /** `weight` in [0, 1]. Null when there is no such network. */
  setNetworkWeight(network: ScopedKey, weight: number, options: CallOptions = {}): Promise<ScopedKey | null> {
    return this.#calls.post(`/networks/${network}/weight`, weight, options, "a ScopedKey or null", asScopedKeyOrNull);
  }

  /** One weight in [0, 1] for each network. Null for a network that is not there. @throws {InvalidArgument} */
  async setNetworksWeight(
    networks: readonly ScopedKey[],
    weights: readonly number[],
    options: BatchedCallOptions = {},
  ): Promise<(ScopedKey | null)[]> {
    refuseOtherLength("weights", weights, networks);
    const path = "/bulk/networks/weight/set";
    const pairs = networks.map((network, position) => ({ network, weight: weights[position] }));
    return this.#batched(path, pairs, options, (batch, call) => {
      const body = { networks: batch.map(({ network }) => network), weights: batch.map(({ weight }) => weight) };
      return this.#calls.post(path, body, call, "a list of ScopedKeys", asScopedKeysOrNulls);
    });
  }

  // --- strategies ---

  /**
   * Sets or replaces the network's strategy; null removes it. `strategy` is a keyed chain, sent as it stands.
   * Null: removed, or there is no such network. Servers before 0.7.0 know no strategies: `ApiError` 404 or 405.
   */
  setNetworkStrategy(
    network: ScopedKey,
    strategy: string | null,
    options: CallOptions & StrategySettings = {},
  ): Promise<ScopedKey | null> {
    const { signal, retries } = options;
    const settings = settingsMembers(wholeSettings(options));
    const body = strategy === null ? '{"strategy": null}' : `{"strategy": ${strategy}, ${JSON.stringify(settings).slice(1)}`;
    const request = { signal, retries, method: "POST", path: `/networks/${network}/strategy`, body } as const;
    return this.connection.json(request, "a ScopedKey or null", asScopedKeyOrNull);
  }

  /** Keyed chain text; null where the network has none. */
  async getNetworkStrategy(network: ScopedKey, options: CallOptions = {}): Promise<string | null> {
    const { signal, retries } = options;
    const text = await this.connection.text({ signal, retries, method: "GET", path: `/networks/${network}/strategy` });
    return text.trim() === "null" ? null : text;
  }

  /** Null where the network has none. */
  getNetworkStrategyState(network: ScopedKey, options: CallOptions = {}): Promise<StrategyState | null> {
    return this.#calls.get(`/networks/${network}/strategy/state`, options, "a strategy's state or null", asStrategyState);
  }

  /** Null where the network has none. */
  getNetworkStrategyStatus(network: ScopedKey, options: CallOptions = {}): Promise<StrategyStatus | null> {
    return this.#calls.get(`/networks/${network}/strategy/status`, options, "a strategy's status or null", (value) =>
      value === null ? null : strategyStatuses.find((status) => status === value),
    );
  }

  /** Wakes a dormant or failed strategy; forgets its exception. Null where the network has none. */
  setNetworkStrategyAwake(network: ScopedKey, options: CallOptions = {}): Promise<ScopedKey | null> {
    return this.#calls.post(`/networks/${network}/strategy/awake`, {}, options, "a ScopedKey or null", asScopedKeyOrNull);
  }

  /** With all members of its stack; null where the network has none. Chains are parsed: {@link getStrategyText} has their characters. */
  getStrategy(network: ScopedKey, options: CallOptions = {}): Promise<StrategyDescription | null> {
    const path = routePath(userRoutes.strategyDescription, { network });
    return this.#calls.get(path, options, "a strategy or null", (value) =>
      value === null || isStrategyDescription(value) ? value : undefined,
    );
  }

  /** The same as the JSON that the server sends, with the characters of the chains. */
  async getStrategyText(network: ScopedKey, options: CallOptions = {}): Promise<string | null> {
    const { signal, retries } = options;
    const path = routePath(userRoutes.strategyDescription, { network });
    const text = await this.connection.text({ signal, retries, method: "GET", path });
    return text.trim() === "null" ? null : text;
  }

  /** Sets or replaces the network's strategy by a stack of one or more, in order. */
  async putStrategy(
    network: ScopedKey,
    members: readonly NewStackMember[],
    options: CallOptions & StrategySettings & StackOptions = {},
  ): Promise<ScopedKey> {
    const { signal, retries, combine = "weighted", maxGpuHours = null } = options;
    const texts = members.map(({ strategy, maxGpuHours: hours, ...rules }) => {
      const given = JSON.stringify({ ...rules, max_gpu_hours: hours ?? null });
      return `{"strategy": ${strategy}, ${given.slice(1)}`;
    });
    const settings = { combine, max_gpu_hours: maxGpuHours, ...settingsMembers(wholeSettings(options)) };
    const body = `{"members": [${texts.join(", ")}], ${JSON.stringify(settings).slice(1)}`;
    const request = { signal, retries, method: "PUT", path: routePath(userRoutes.putStrategy, { network }), body } as const;
    return this.connection.json(request, "a ScopedKey", asScopedKey);
  }

  /** Changes settings of the network's strategy; what it has come to stays. */
  changeStrategy(network: ScopedKey, options: CallOptions & StrategySettings): Promise<ScopedKey> {
    const path = routePath(userRoutes.changeStrategy, { network });
    return this.#calls.post(path, settingsMembers(options), options, "a ScopedKey", asScopedKey);
  }

  /** What was decided and why, the newest first; `next` is `before` of the page after it. */
  strategyDecisions(
    network: ScopedKey,
    options: CallOptions & { readonly limit?: number; readonly before?: number } = {},
  ): Promise<StrategyDecisions> {
    const { limit = 10, before } = options;
    const query = { limit: String(limit), before: before?.toString() };
    const path = routePath(userRoutes.strategyDecisions, { network });
    return this.#calls.get(path, options, "decisions", (value) => (isStrategyDecisions(value) ? value : undefined), query);
  }

  // --- tasks ---

  /** New Tasks of one Transformation. A repeat after a lost reply creates them again; `retries: noRetries` leaves that choice to the caller. */
  createTasks(
    transformation: ScopedKey,
    options: CallOptions & { readonly count?: number; readonly extends?: ScopedKey | null } = {},
  ): Promise<ScopedKey[]> {
    const { count = 1, extends: extended = null } = options;
    const body = { extends: extended === null ? null : scopedKeyParts(extended), count };
    return this.#calls.post(`/transformations/${transformation}/tasks`, body, options, "a list of ScopedKeys", asScopedKeys);
  }

  /** One Task for each entry, in order; a Transformation may occur several times. Of repeats: as {@link createTasks}. */
  createTransformationsTasks(
    transformations: readonly ScopedKey[],
    options: CallOptions & { readonly extends?: readonly (ScopedKey | null)[] | null } = {},
  ): Promise<ScopedKey[]> {
    const { extends: extended = null } = options;
    const body = { transformations, extends: extended !== null && extended.length > 0 ? extended : null };
    return this.#calls.post("/bulk/transformations/tasks/create", body, options, "a list of ScopedKeys", asScopedKeys);
  }

  queryTasks(
    options: CallOptions & { readonly scope?: Scope | undefined; readonly status?: TaskStatus | undefined } = {},
  ): Promise<ScopedKey[]> {
    const { status } = options;
    return this.#query("/tasks", options, { status });
  }

  /** Tasks of the network's Transformations, actioned or not. */
  getNetworkTasks(
    network: ScopedKey,
    options: CallOptions & { readonly status?: TaskStatus | undefined } = {},
  ): Promise<ScopedKey[]> {
    const { status } = options;
    return this.#calls.keys(`/networks/${network}/tasks`, options, { status });
  }

  /** The networks that its Transformation belongs to. */
  getTaskNetworks(task: ScopedKey, options: CallOptions = {}): Promise<ScopedKey[]> {
    return this.#calls.keys(`/tasks/${task}/networks`, options);
  }

  /** `extends`: those that extend this Task, directly or not. */
  getTransformationTasks(
    transformation: ScopedKey,
    options: CallOptions & { readonly status?: TaskStatus | undefined; readonly extends?: ScopedKey | undefined } = {},
  ): Promise<ScopedKey[]> {
    const { status, extends: extended } = options;
    return this.#calls.keys(`/transformations/${transformation}/tasks`, options, { status, extends: extended });
  }

  /** The same Tasks, each with the one that it extends, which may itself be left out by `status` or `extends`; null: none. */
  getTransformationTaskGraph(
    transformation: ScopedKey,
    options: CallOptions & { readonly status?: TaskStatus | undefined; readonly extends?: ScopedKey | undefined } = {},
  ): Promise<Map<ScopedKey, ScopedKey | null>> {
    const { status, extends: extended } = options;
    const query = { return_as: "graph", status, extends: extended };
    return this.#calls.get(`/transformations/${transformation}/tasks`, options, "Tasks and what they extend", asParents, query);
  }

  getTaskTransformation(task: ScopedKey, options: CallOptions = {}): Promise<ScopedKey> {
    return this.#calls.get(`/tasks/${task}/transformation`, options, "a ScopedKey", asScopedKey);
  }

  /** Null where a Task is missing, cannot be actioned here, or is already. `weight`: one for all, one each, or leave as they are. */
  actionTasks(
    network: ScopedKey,
    tasks: readonly ScopedKey[],
    options: CallOptions & { readonly weight?: number | readonly number[] | null } = {},
  ): Promise<(ScopedKey | null)[]> {
    const { weight = null } = options;
    const body = { tasks: tasks.map(scopedKeyParts), weight };
    return this.#calls.post(`/networks/${network}/tasks/action`, body, options, "a list of ScopedKeys", asScopedKeysOrNulls);
  }

  /** Null where a Task was not actioned on the network. */
  cancelTasks(network: ScopedKey, tasks: readonly ScopedKey[], options: CallOptions = {}): Promise<(ScopedKey | null)[]> {
    const body = { tasks: tasks.map(scopedKeyParts) };
    return this.#calls.post(`/networks/${network}/tasks/cancel`, body, options, "a list of ScopedKeys", asScopedKeysOrNulls);
  }

  /** Tasks actioned on the network, with their weights. */
  getNetworkActionedTasks(network: ScopedKey, options: CallOptions = {}): Promise<Map<ScopedKey, number>> {
    const body = { task_weights: true };
    return this.#calls.post(`/networks/${network}/tasks/actioned`, body, options, "weights of Tasks", asKeyWeights);
  }

  /** Tasks actioned on each network, with their weights. */
  getNetworksActionedTasks(networks: readonly ScopedKey[], options: CallOptions = {}): Promise<Map<ScopedKey, number>[]> {
    const body = { networks, task_weights: true };
    return this.#calls.post("/bulk/networks/tasks/actioned", body, options, "a list of weights of Tasks", (value) =>
      listOf(value, asKeyWeights),
    );
  }

  /** Networks that the Task is actioned on, with its weight there. */
  getTaskActionedNetworks(task: ScopedKey, options: CallOptions = {}): Promise<Map<ScopedKey, number>> {
    const body = { task_weights: true };
    return this.#calls.post(`/tasks/${task}/networks/actioned`, body, options, "weights of the Task", asKeyWeights);
  }

  /** Null for a missing Task. */
  getTasksStatus(tasks: readonly ScopedKey[], options: BatchedCallOptions = {}): Promise<(TaskStatus | null)[]> {
    const path = "/bulk/tasks/status/get";
    return this.#batched(path, tasks, options, (batch, call) =>
      this.#calls.post(path, { tasks: batch.map(scopedKeyParts) }, call, "a list of statuses", (value) =>
        listOf(value, (item) => (item === null || (typeof item === "string" && isTaskStatus(item)) ? item : undefined)),
      ),
    );
  }

  /** Null where the Task is missing or may not go there from where it is. @throws {InvalidArgument} */
  async setTasksStatus(
    tasks: readonly ScopedKey[],
    status: UserTaskStatus,
    options: BatchedCallOptions = {},
  ): Promise<(ScopedKey | null)[]> {
    if (!isUserTaskStatus(status)) throw new InvalidArgument("status", status, `one of ${userTaskStatuses.join(", ")}`);
    const path = "/bulk/tasks/status/set";
    return this.#batched(path, tasks, options, (batch, call) => {
      const body = { tasks: batch.map(scopedKeyParts), status };
      return this.#calls.post(path, body, call, "a list of ScopedKeys", asScopedKeysOrNulls);
    });
  }

  /** 1 is the most urgent. A bigint where a number would lose digits (above 2⁵³ − 1). Null for a missing Task. */
  getTasksPriority(tasks: readonly ScopedKey[], options: BatchedCallOptions = {}): Promise<(number | bigint | null)[]> {
    const path = "/bulk/tasks/priority/get";
    return this.#batched(path, tasks, options, async (batch, { signal, retries }) => {
      const body = JSON.stringify({ tasks: batch.map(scopedKeyParts) });
      const request = { signal, retries, method: "POST", path, body } as const;
      return readPriorities(request, await this.connection.text(request));
    });
  }

  /** `priority`: an integer from 1 (the most urgent) to 2⁶³ − 1. Null where the Task is missing. @throws {InvalidArgument} */
  async setTasksPriority(
    tasks: readonly ScopedKey[],
    priority: number | bigint,
    options: BatchedCallOptions = {},
  ): Promise<(ScopedKey | null)[]> {
    if (typeof priority === "number" && !Number.isSafeInteger(priority))
      throw new InvalidArgument("priority", priority, "an integer (a bigint above 2⁵³ − 1)");
    const path = "/bulk/tasks/priority/set";
    return this.#batched(path, tasks, options, (batch, { signal, retries }) => {
      // JSON.stringify knows no bigint.
      const body = `{"tasks": ${JSON.stringify(batch.map(scopedKeyParts))}, "priority": ${priority}}`;
      const request = { signal, retries, method: "POST", path, body } as const;
      return this.connection.json(request, "a list of ScopedKeys", asScopedKeysOrNulls);
    });
  }

  // --- status counts: statuses without a Task are absent ---

  getNetworkStatus(network: ScopedKey, options: CallOptions = {}): Promise<StatusCounts> {
    return this.#calls.get(`/networks/${network}/status`, options, "counts by status", asStatusCounts);
  }

  getNetworksStatus(networks: readonly ScopedKey[], options: CallOptions = {}): Promise<StatusCounts[]> {
    return this.#calls.post("/bulk/networks/status", { networks }, options, "a list of counts by status", (value) =>
      listOf(value, asStatusCounts),
    );
  }

  getTransformationStatus(transformation: ScopedKey, options: CallOptions = {}): Promise<StatusCounts> {
    return this.#calls.get(`/transformations/${transformation}/status`, options, "counts by status", asStatusCounts);
  }

  /** `scope`: all, unless told. `networkState` is a pattern; null = any. */
  getScopeStatus(
    scope: Scope = parseScope("*-*-*"),
    options: CallOptions & { readonly networkState?: string | null } = {},
  ): Promise<StatusCounts> {
    const { networkState = "active" } = options;
    const query = { network_state: networkState };
    return this.#calls.get(`/scopes/${scope}/status`, options, "counts by status", asStatusCounts, query);
  }

  // --- results: `await` gives references, `for await` the results themselves, one at a time ---

  /**
   * Results of a Transformation whose units all succeeded, in the order in which they arrived: from our server in one request, as those of a network.
   * @throws {ApiError} 404: our server knows no such Transformation (Python servers: no results).
   */
  getTransformationResults(transformation: ScopedKey, options: RetrievalOptions = {}): ResultListing<ScopedKey[]> {
    return this.#transformationListing(transformation, true, options);
  }

  /** Results of a Transformation with failed units, likewise. */
  getTransformationFailures(transformation: ScopedKey, options: RetrievalOptions = {}): ResultListing<ScopedKey[]> {
    return this.#transformationListing(transformation, false, options);
  }

  getTaskResults(task: ScopedKey, options: RetrievalOptions = {}): ResultListing<ScopedKey[]> {
    return this.#taskListing(task, true, options);
  }

  getTaskFailures(task: ScopedKey, options: RetrievalOptions = {}): ResultListing<ScopedKey[]> {
    return this.#taskListing(task, false, options);
  }

  /**
   * Failures of a Task that left no result, as no ProtocolDAG could be made; oldest first. Our servers only: `ApiError` 404 from Python servers,
   * and where there is no such Task.
   */
  async getTaskFailuresWithoutResult(task: ScopedKey, options: CallOptions = {}): Promise<FailureWithoutResult[]> {
    const path = routePath(userRoutes.failuresWithoutResult, { task });
    return this.#ownCalls.get(path, options, "a list of failures", (value) =>
      listOf(asObject(value)?.failures, asFailureWithoutResult),
    );
  }

  /**
   * Successful results of a network, in the order in which they arrived (from Python servers: by Transformation). Never more of them are in
   * memory than are asked for at once. A cut connection is taken up again; so is the loop itself, by `after: result.cursor`.
   * @throws {ApiError} 404: our server knows no such network (Python servers: no results).
   *
   * {@includeCode ../../../examples/client/read-results.ts}
   */
  getNetworkResults(network: ScopedKey, options: RetrievalOptions = {}): ResultListing<Map<ScopedKey, ScopedKey[]>> {
    return this.#networkListing(network, true, options);
  }

  /** Failed results of a network, likewise. */
  getNetworkFailures(network: ScopedKey, options: RetrievalOptions = {}): ResultListing<Map<ScopedKey, ScopedKey[]>> {
    return this.#networkListing(network, false, options);
  }

  /** Results and failures of a network together, likewise, for those who want both: one request instead of two. */
  getNetworkOutcomes(network: ScopedKey, options: RetrievalOptions = {}): AsyncIterable<RetrievedResult> {
    return { [Symbol.asyncIterator]: () => this.#results.ofNetwork(network, null, options) };
  }

  /**
   * The stream of our servers as it is: results and failures together unless told, with or without their bytes, those whose bytes are lost as
   * well. The generator returns the cursor after which later results will come. Python servers: `ApiError` 404, at once.
   */
  networkResults(network: ScopedKey, options: NetworkResultsOptions = {}): AsyncGenerator<StreamedResult, string> {
    return resultStream(this.connection, routePath(userRoutes.networkResults, { network }), options);
  }

  /**
   * The stored bytes of a ProtocolDAGResult, normally one zstd frame of its keyed chain (user-api §5.8). Kept by the cache.
   * `route` is where its reference was listed.
   */
  getResult(
    transformation: ScopedKey,
    reference: ScopedKey,
    options: CallOptions & { readonly route?: "results" | "failures" } = {},
  ): Promise<Uint8Array> {
    const { route = "results", signal, retries } = options;
    return this.#results.bytes(transformation, reference, route, { signal, retries });
  }

  /** Where anyone may read the bytes for so many seconds. Our servers on S3 only: `ApiError` 501 on other stores, 404 from Python servers. */
  getResultUrl(reference: ScopedKey, options: CallOptions & { readonly seconds?: number } = {}): Promise<ResultUrl> {
    const path = routePath(userRoutes.resultUrl, { ref: reference });
    const asUrl = (value: unknown): ResultUrl | undefined => {
      const { url, expires } = asObject(value) ?? {};
      return typeof url === "string" && typeof expires === "string" ? { url, expires } : undefined;
    };
    return this.#ownCalls.get(path, options, "an address", asUrl, { seconds: options.seconds?.toString() });
  }

  /**
   * Where and how a result was computed: host, versions, and time, processor time and memory of each attempt of each unit. Null where the
   * compute service did not tell (Python services do not), or there is no such result. Our servers only: `ApiError` 404 from Python servers.
   */
  async getResultProvenance(reference: ScopedKey, options: CallOptions = {}): Promise<Provenance | null> {
    const path = routePath(userRoutes.provenance, { ref: reference });
    try {
      return await this.#ownCalls.get(path, options, "the provenance of a result", (value) =>
        isProvenance(value) ? value : undefined,
      );
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && error.problem !== null) return null;
      throw error;
    }
  }

  /** What is kept beside a result: standard output and error of its units, and what the service was told to keep. Our servers only. */
  async getResultFiles(reference: ScopedKey, options: CallOptions = {}): Promise<KeptFile[]> {
    const path = routePath(userRoutes.keptFiles, { ref: reference });
    return this.#ownCalls.get(path, options, "a list of files", (value) =>
      listOf(asObject(value)?.files, (file) => {
        const { name, bytes } = asObject(file) ?? {};
        return typeof name === "string" && typeof bytes === "number" ? { name, bytes } : undefined;
      }),
    );
  }

  /** One of them; at most 256 MiB. They go in time, by age and size: `ApiError` 404. Our servers only. */
  getResultFile(reference: ScopedKey, name: string, options: CallOptions = {}): Promise<Uint8Array> {
    const { signal, retries } = options;
    const path = routePath(userRoutes.keptFile, { ref: reference, name });
    return this.connection.bytes({ signal, retries, method: "GET", path, notFoundIsFinal: true });
  }

  // --- estimates (our servers only: `ApiError` 404 from Python servers) ---

  /**
   * The free energy difference of a Transformation, from all its results, in kcal/mol. The server has read them when they landed; nothing is
   * downloaded. `wait`: seconds that it may take until what has just landed is part of it. On request how well each repeat was sampled.
   *
   * {@includeCode ../../../examples/client/read-estimates.ts}
   */
  getTransformationEstimate(
    transformation: ScopedKey,
    options: EstimateOptions & { readonly details?: boolean } = {},
  ): Promise<TransformationEstimate> {
    const { details = false } = options;
    const path = routePath(userRoutes.transformationEstimate, { transformation });
    return this.#estimate(
      path,
      { details: String(details) },
      options,
      "the estimate of a Transformation",
      isTransformationEstimate,
    );
  }

  /**
   * Free energies of a network: of each pair of ligands, and by maximum likelihood of each ligand, with the closure of cycles. On request
   * a row for each Transformation, and the covariance of the ligands' values.
   */
  getNetworkEstimates(
    network: ScopedKey,
    options: EstimateOptions & { readonly transformations?: boolean; readonly covariance?: boolean } = {},
  ): Promise<NetworkEstimates> {
    const { transformations = false, covariance = false } = options;
    const path = routePath(userRoutes.networkEstimates, { network });
    const query = { transformations: String(transformations), covariance: String(covariance) };
    return this.#estimate(path, query, options, "the estimates of a network", isNetworkEstimates);
  }

  /** One of the tables as comma-separated values, for spreadsheets. */
  async getNetworkEstimatesTable(
    network: ScopedKey,
    table: "ligands" | "pairs" | "transformations",
    { signal, retries, wait = 0 }: EstimateOptions = {},
  ): Promise<string> {
    const path = routePath(userRoutes.networkEstimates, { network });
    const query = { format: "csv", table, wait: String(wait) };
    const bytes = await this.connection.bytes({ signal, retries, method: "GET", path, query, notFoundIsFinal: true });
    return new TextDecoder().decode(bytes);
  }

  /**
   * What a network has cost, and what the results that are still wanted (3 of each Transformation unless told) will cost, in GPU hours,
   * with an interval; on request by Transformation.
   */
  getNetworkCost(
    network: ScopedKey,
    options: EstimateOptions & { readonly wanted?: number; readonly hardware?: string; readonly transformations?: boolean } = {},
  ): Promise<NetworkCost> {
    const { wanted = 3, hardware, transformations = false } = options;
    const path = routePath(userRoutes.networkCost, { network });
    const query = { wanted: String(wanted), transformations: String(transformations), hardware };
    return this.#estimate(path, query, options, "the cost of a network", isNetworkCost);
  }

  #estimate<T>(
    path: string,
    query: Query,
    options: EstimateOptions,
    expected: string,
    is: (value: unknown) => value is T,
  ): Promise<T> {
    const { wait = 0 } = options;
    const check = (value: unknown) => (is(value) ? value : undefined);
    return this.#ownCalls.get(path, options, expected, check, { ...query, wait: String(wait) });
  }

  // --- archives ---

  /**
   * Gives the server a result that was computed elsewhere: one zstd frame of the keyed chain of a ProtocolDAGResult. It gets a Task of its own; one that
   * is there already stays as it is. Our servers only: `ApiError` 404 from Python servers. Whole networks: `restoreArchive` of `@alchemiscale/client/node`.
   */
  importResult(transformation: ScopedKey, frame: Blob, options: CallOptions = {}): Promise<ImportedResult> {
    const { signal, retries } = options;
    const path = routePath(userRoutes.importResult, { transformation });
    const headers = { "content-type": "application/zstd" };
    const request = { signal, retries, method: "POST", path, body: frame, headers, notFoundIsFinal: true } as const;
    return this.connection.json(request, "the reference of a result", (value) => {
      const { imported, ...keys } = asObject(value) ?? {};
      const [ref, task] = [keys.ref, keys.task].map(asScopedKey);
      return ref !== undefined && task !== undefined && typeof imported === "boolean" ? { ref, task, imported } : undefined;
    });
  }

  /**
   * The AlchemicalArchive of a network: itself, its Transformations and their successful results, as the pieces of one keyed chain's text.
   * Null when there is no such network. One result is in memory at a time, from our server; `concurrency` of them from others.
   * @throws {InvalidArgument} for metadata that is no object, before anything is asked for.
   *
   * {@includeCode ../../../examples/client/archive-network.ts}
   */
  async getNetworkArchive(network: ScopedKey, options: ArchiveOptions): Promise<AsyncIterable<string> | null> {
    const [archive] = await this.getNetworkArchives([network], { ...options, metadata: [options.metadata ?? null] });
    return archive ?? null;
  }

  /**
   * The same for several; `metadata` has one entry for each network. The pieces of each are asked for when its loop begins.
   * @throws {InvalidArgument} for networks that occur twice, and metadata of another length, before anything is asked for.
   */
  async getNetworkArchives(
    networks: readonly ScopedKey[],
    options: Omit<ArchiveOptions, "metadata"> & { readonly metadata?: readonly (Metadata | null)[] },
  ): Promise<(AsyncIterable<string> | null)[]> {
    if (new Set(networks).size !== networks.length) throw new InvalidArgument("networks", networks.join(", "), "all different");
    const { metadata = networks.map(() => null), decompress, failures = false, ...retrieval } = options;
    refuseOtherLength("metadata", metadata, networks);
    const texts = metadata.map((entry) => JSON.stringify(refuseNoMapping(entry) ?? {}));
    const { signal, retries } = options;
    const found = await this.#batched("/exists", networks, { ...retrieval, batchSize: 1 }, async ([network], call) =>
      network === undefined ? [] : [await this.checkExists(network, call)],
    );
    return networks.map((network, position) => {
      if (found[position] !== true) return null;
      const parts = {
        network: () => this.getNetwork(network, { signal, retries }),
        results: failures ? this.getNetworkOutcomes(network, retrieval) : this.getNetworkResults(network, retrieval),
        decompress,
        metadata: texts[position] ?? "{}",
      };
      return { [Symbol.asyncIterator]: () => archiveChunks(parts) };
    });
  }

  // --- restart patterns ---

  /**
   * Failures whose traceback has a match of one of these patterns (Python's syntax) let a Task run again, at most so often.
   * A pattern that is there already counts anew.
   *
   * {@includeCode ../../../examples/client/restart-failures.ts}
   */
  async addTaskRestartPatterns(
    network: ScopedKey,
    patterns: readonly string[],
    numAllowedRestarts: number,
    options: CallOptions = {},
  ): Promise<ScopedKey> {
    const body = { patterns, num_allowed_restarts: numAllowedRestarts };
    await this.#calls.tell(`/networks/${network}/restartpatterns/add`, body, options);
    return network;
  }

  /** Pattern → how often it lets a Task run again. */
  async getTaskRestartPatterns(network: ScopedKey, options: CallOptions = {}): Promise<Map<string, number>> {
    const body = { networks: [network] };
    return this.#calls.post("/bulk/networks/restartpatterns/get", body, options, "restart patterns by network", (value) => {
      const pairs = listOf(asObject(value)?.[network], (pair) => {
        const [pattern, times] = Array.isArray(pair) ? pair : [];
        return typeof pattern === "string" && typeof times === "number" ? ([pattern, times] as const) : undefined;
      });
      return pairs && new Map(pairs);
    });
  }

  /** Unknown patterns are passed over. */
  async setTaskRestartPatternsAllowedRestarts(
    network: ScopedKey,
    patterns: readonly string[],
    numAllowedRestarts: number,
    options: CallOptions = {},
  ): Promise<void> {
    const body = { patterns, max_retries: numAllowedRestarts };
    await this.#calls.tell(`/networks/${network}/restartpatterns/maxretries`, body, options);
  }

  /** Unknown patterns are passed over. */
  async removeTaskRestartPatterns(network: ScopedKey, patterns: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#calls.tell(`/networks/${network}/restartpatterns/remove`, { patterns }, options);
  }

  async clearTaskRestartPatterns(network: ScopedKey, options: CallOptions = {}): Promise<void> {
    await this.#calls.keys(`/networks/${network}/restartpatterns/clear`, options);
  }

  // --- what happened, and what happens (our servers only: `ApiError` 404 from Python servers) ---

  /** A page of what happened in a network and to its Tasks, oldest first. */
  getNetworkEvents(network: ScopedKey, options: EventPageOptions = {}): Promise<EventPage> {
    return this.#eventPage(routePath(userRoutes.networkEvents, { network }), options);
  }

  /** A page of what happened to a Task, oldest first. */
  getTaskEvents(task: ScopedKey, options: EventPageOptions = {}): Promise<EventPage> {
    return this.#eventPage(routePath(userRoutes.taskEvents, { task }), options);
  }

  /**
   * What happens in a network and to its Tasks, as it happens: after the event `after`, else from now on. Never ends by itself: leave the loop,
   * or abort the signal. A cut connection is taken up again without missing anything.
   *
   * {@includeCode ../../../examples/client/watch-network.ts}
   */
  watchNetwork(network: ScopedKey, options: WatchOptions = {}): AsyncGenerator<NetworkEvent, void> {
    return this.#watch(routePath(userRoutes.networkEvents, { network }), options);
  }

  /** The same for one Task. */
  watchTask(task: ScopedKey, options: WatchOptions = {}): AsyncGenerator<NetworkEvent, void> {
    return this.#watch(routePath(userRoutes.taskEvents, { task }), options);
  }

  #eventPage(path: string, options: EventPageOptions): Promise<EventPage> {
    const { after, limit } = options;
    return this.#ownCalls.get(path, options, "a page of events", readEventPage, { after, limit: limit?.toString() });
  }

  async *#watch(path: string, { after, signal, retries }: WatchOptions): AsyncGenerator<NetworkEvent, void> {
    // Where the watcher stands is told without an event, too: what happens during a cut is then not missed.
    let position = after;
    let answered = false;
    const events = this.connection.stream<NetworkEvent>({
      request: () => ({
        signal,
        retries,
        method: "GET",
        path,
        query: { after: position },
        headers: { accept: "text/event-stream" },
        notFoundIsFinal: !answered,
      }),
      read: (body) => {
        answered = true;
        return readServerSentEvents(body, (id) => {
          position = id;
        });
      },
      idleMs: watchIdleMs,
    });
    yield* events;
  }

  #transformationListing(transformation: ScopedKey, ok: boolean, options: RetrievalOptions): ResultListing<ScopedKey[]> {
    return new ResultListing(
      () => this.#calls.keys(`/transformations/${transformation}/${ok ? "results" : "failures"}`, options),
      () => this.#results.ofTransformation(transformation, ok, options),
    );
  }

  #taskListing(task: ScopedKey, ok: boolean, options: RetrievalOptions): ResultListing<ScopedKey[]> {
    const list = (call: CallOptions) => this.#calls.keys(`/tasks/${task}/${ok ? "results" : "failures"}`, call);
    return new ResultListing(
      () => list(options),
      () => {
        const facts = async (call: CallOptions) => {
          const [transformation, refs] = await Promise.all([this.getTaskTransformation(task, call), list(call)]);
          return referenceFacts(refs, { transformation, ok, task });
        };
        return this.#results.ofList(task, facts, options);
      },
    );
  }

  #networkListing(network: ScopedKey, ok: boolean, options: RetrievalOptions): ResultListing<Map<ScopedKey, ScopedKey[]>> {
    return new ResultListing(
      () => this.#results.networkReferences(network, ok, options),
      () => this.#results.ofNetwork(network, ok, options),
    );
  }

  async #content(operation: ProgressOperation, path: string, key: ScopedKey, options: ReportedCallOptions): Promise<string> {
    const { signal, retries } = options;
    const progress = this.#progress(operation, key, options, 1);
    const { url } = this.connection;
    const retrieve = async () => {
      const held = await this.#cache?.get(url, "object", key);
      if (held !== undefined) {
        progress.advance(1, held.length);
        return new TextDecoder().decode(held);
      }
      const text = await this.connection.text({ signal, retries, method: "GET", path, headers: { "accept-encoding": "gzip" } });
      progress.advance(1, text.length);
      await this.#cache?.put(url, "object", key, new TextEncoder().encode(text));
      return text;
    };
    return progress.during(retrieve());
  }

  #query(path: string, options: ScopeAndName, query: Query = {}): Promise<ScopedKey[]> {
    const { scope, name } = options;
    return this.#calls.keys(path, options, { name, ...(scope === undefined ? {} : scopeParts(scope)), ...query });
  }

  #batched<S, T>(
    path: string,
    items: readonly S[],
    options: BatchedCallOptions,
    call: (batch: readonly S[], options: CallOptions) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const { batchSize = defaultBatchSize, retries } = options;
    const progress = this.#progress("batches", path, options, items.length);
    return progress.during(
      inBatches(items, batchSize, async (batch, stop) => {
        const replies = await call(batch, { retries, signal: anySignal(options.signal, stop) });
        progress.advance(batch.length);
        return replies;
      }),
    );
  }

  #progress(operation: ProgressOperation, subject: string, options: ReportedCallOptions, total: number | null): ProgressReporter {
    return new ProgressReporter(operation, subject, [options.onProgress, this.#onProgress], total);
  }
}

/** Servers give a sign of life every 15 s. */
const watchIdleMs = 60_000;

export interface EventPageOptions extends CallOptions {
  /** The `next` of the page before, or the id of an event. */
  readonly after?: string | undefined;
  /** Events a page, at most 10,000; 1000 unless told. */
  readonly limit?: number;
}

export interface WatchOptions extends CallOptions {
  /** The id of an event. */
  readonly after?: string | undefined;
}

/** A file that is kept beside a result. */
export interface KeptFile {
  readonly name: string;
  readonly bytes: number;
}

export interface ResultUrl {
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly expires: string;
}

export interface ArchiveOptions extends Omit<RetrievalOptions, "after"> {
  /** Undoes zstd: `decompressResult` of `@alchemiscale/client/node`, or another implementation in browsers. */
  readonly decompress: Decompress;
  /** Kept with the archive. Numbers that are no integers become floats of Python. */
  readonly metadata?: Metadata | null;
  /** The failed results as well; Python's archives have the successful ones. */
  readonly failures?: boolean;
}

/** What became of a result that was given to a server. */
export interface ImportedResult {
  readonly ref: ScopedKey;
  readonly task: ScopedKey;
  /** False where the Transformation had the result already: nothing was written. */
  readonly imported: boolean;
}

function refuseUnknownState(state: string): void {
  if (!isNetworkState(state)) throw new InvalidArgument("state", state, `one of ${networkStates.join(", ")}`);
}

function refuseOtherLength(name: string, given: readonly unknown[], networks: readonly unknown[]): void {
  if (given.length !== networks.length)
    throw new InvalidArgument(name, given.length, `as many as there are networks (${networks.length})`);
}

function refuseNoMapping(metadata: Metadata | null): Metadata | null {
  const isMapping = metadata === null || (typeof metadata === "object" && !Array.isArray(metadata));
  if (!isMapping) throw new InvalidArgument("metadata", metadata, "an object or null");
  return metadata;
}

function asNumberOrNull(value: unknown): number | null | undefined {
  return typeof value === "number" || value === null ? value : undefined;
}
