import type {
  ComputeManagerId,
  ComputeManagerStatus,
  ComputeServiceId,
  IdentityType,
  NetworkState,
  Scope,
  ScopedKey,
  TaskStatus,
} from "@alchemiscale/contract";
import type { ChainEntry, PackedEntries, PackedObjects, TransformationIndex } from "@alchemiscale/gufe";
import type { EstimateOperations } from "./estimate-operations.ts";
import type { StoreOperations } from "./store-operations.ts";
import type { StrategyOperations } from "./strategy-operations.ts";

/**
 * The state store: the single source of truth of everything but result bytes.
 *
 * Every method is one transaction. Replies to lists are aligned with the input: one entry per position, in
 * order, duplicates included. An empty input gives an empty reply. Every change appends to the event log in
 * the same transaction. Semantics: `spec/state-semantics.md`; the section is named on each domain.
 *
 * Errors: {@link StateStoreError} subclasses; an unreachable database is `StateStoreUnavailable`.
 */
export interface StateStore {
  /** For people: engine and place, never a password. Example: `SQLite /home/a/alchemiscale/state.sqlite`. */
  readonly description: string;
  readonly identities: IdentityOperations;
  readonly networks: NetworkOperations;
  readonly objects: ObjectOperations;
  readonly tasks: TaskOperations;
  readonly hubs: HubOperations;
  readonly claims: ClaimOperations;
  readonly services: ServiceOperations;
  readonly processes: ProcessOperations;
  readonly managers: ManagerOperations;
  readonly results: ResultOperations;
  readonly estimates: EstimateOperations;
  readonly restarts: RestartOperations;
  readonly strategies: StrategyOperations;
  readonly events: EventOperations;
  readonly store: StoreOperations;
  /** A trivial read and a write that is rolled back. Throws `StateStoreUnavailable`. */
  check(): Promise<void>;
  /**
   * Calls `listener` soon after something may have been written, by this process or another one, and now and then without cause; often
   * once for many changes. Returns what ends it. While nobody watches it costs nothing.
   */
  watch(listener: () => void): () => void;
  /** For quiet times: gives back memory that work before has left behind. Nothing waits for it. */
  rest(): void;
  close(): Promise<void>;
}

/** Microseconds since 1970-01-01 UTC. */
export type Instant = number;

/** Who caused a change, and why: kept on every row of the event log. */
export interface Actor {
  readonly identity?: string;
  readonly service?: string;
  readonly strategy?: string;
  readonly reason?: string;
}

// --- identities (§13) ---

export interface Identity {
  readonly identifier: string;
  /** bcrypt hash. */
  readonly hashedKey: string;
  readonly disabled: boolean;
  readonly expires: Instant | null;
  readonly scopes: readonly Scope[];
}

/** What may be told of an identity: no key. */
export interface IdentityFacts {
  readonly type: IdentityType;
  readonly identifier: string;
  readonly disabled: boolean;
  readonly expires: Instant | null;
  /** In the order they were added. */
  readonly scopes: readonly Scope[];
}

export interface NewIdentity {
  readonly hashedKey: string;
  readonly scopes: readonly Scope[];
  readonly expires: Instant | null;
}

/** One thing that was done to an identity. */
export interface IdentityChange {
  readonly id: number;
  readonly at: Instant;
  readonly type: IdentityType;
  readonly identifier: string;
  readonly change: string;
  /** The admin identity that did it over the API; null for a program with access to the store. */
  readonly actor: string | null;
}

/** Each change is recorded in its transaction (`changes`). The actor's `identity` is that of an admin. */
export interface IdentityOperations {
  /** Creates, or replaces the key, enables and clears the scopes. */
  put(type: IdentityType, identifier: string, hashedKey: string, actor?: Actor): Promise<void>;
  /** Creates; false, and nothing done, where there is one. */
  add(type: IdentityType, identifier: string, identity: NewIdentity, actor: Actor): Promise<boolean>;
  get(type: IdentityType, identifier: string): Promise<Identity | null>;
  list(type: IdentityType): Promise<string[]>;
  /** By type, then identifier: at most `limit`, after the one given. */
  describe(page: {
    readonly type?: IdentityType;
    readonly after?: { readonly type: string; readonly identifier: string };
    readonly limit: number;
  }): Promise<IdentityFacts[]>;
  /** False when absent. */
  remove(type: IdentityType, identifier: string, actor?: Actor): Promise<boolean>;
  /** No duplicates; in the order given. False, and nothing done, for a missing identity. */
  addScopes(type: IdentityType, identifier: string, scopes: readonly Scope[], actor?: Actor): Promise<boolean>;
  removeScopes(type: IdentityType, identifier: string, scopes: readonly Scope[], actor?: Actor): Promise<boolean>;
  /** Everything else stays. False for a missing identity, as for the next two. */
  setKey(type: IdentityType, identifier: string, hashedKey: string, actor: Actor): Promise<boolean>;
  setDisabled(type: IdentityType, identifier: string, disabled: boolean, actor: Actor): Promise<boolean>;
  /** Null: never. */
  setExpires(type: IdentityType, identifier: string, expires: Instant | null, actor: Actor): Promise<boolean>;
  /** The newest first: at most `limit` with an id below `before` (null: from the newest on). */
  changes(before: number | null, limit: number): Promise<IdentityChange[]>;
  /** `[]` for a missing identity. In the order they were added. */
  listScopes(type: IdentityType, identifier: string): Promise<Scope[]>;
}

// --- objects and networks (§3, §4, §12) ---

/** Packed ones are handed over to the store, and are lost to the caller. */
export type ChainEntries = readonly ChainEntry[] | PackedEntries;

export interface NetworkSubmission {
  readonly scope: Scope;
  readonly state: NetworkState;
  /** Every entry of the chain, dependencies first, the network last. */
  readonly entries: ChainEntries;
  readonly network: { readonly key: string; readonly name: string | null };
  readonly systems: readonly { readonly key: string; readonly name: string | null }[];
  readonly transformations: readonly TransformationIndex[];
}

export interface SubmissionReply {
  readonly network: ScopedKey;
  readonly hub: ScopedKey;
  readonly mark: ScopedKey;
  /** True where the network was not yet in this scope. */
  readonly created: boolean;
  /** Those that stood in the scope with another text, not provably of other content; the first text stays. */
  readonly differing: readonly string[];
}

export interface ObjectText {
  /** gufe key, `<qualname>-<token>`. */
  readonly key: string;
  /** The keyed dict exactly as it was submitted. */
  readonly text: string;
}

export interface ObjectOperations {
  /** Any stored entity: chain entries, Task, TaskHub, NetworkMark, ProtocolDAGResultRef, strategies. */
  exists(key: ScopedKey): Promise<boolean>;
  /** The object and everything it refers to, dependencies first, the object last; null when absent. */
  chain(key: ScopedKey): Promise<ObjectText[] | null>;
  /** The same, packed: for networks, of which nobody looks at single objects here. */
  packedChain(key: ScopedKey): Promise<PackedObjects | null>;
}

export interface ScopeFilter {
  /** Union of these; `[]` matches nothing. They may hold wildcards. */
  readonly scopes: readonly Scope[];
}

export type StatusCounts = Partial<Record<TaskStatus, number>>;

export interface NetworkOperations {
  /**
   * Writes the objects once per scope, the edges, the hub (weight 0.5) and the mark, set-based. A network that
   * is there already keeps its weight and takes the state sent ([D1]).
   */
  submit(submission: NetworkSubmission, actor: Actor): Promise<SubmissionReply>;
  /** `name` and `state`: Java-style patterns for the whole value; null matches nothing; absent = any. Throws `InvalidPattern`. */
  query(filter: ScopeFilter & { readonly name?: string; readonly state?: string }): Promise<ScopedKey[]>;
  /** Exact name. Ordered by org, campaign, project, key. */
  queryTransformations(filter: ScopeFilter & { readonly name?: string }): Promise<ScopedKey[]>;
  queryChemicalSystems(filter: ScopeFilter & { readonly name?: string }): Promise<ScopedKey[]>;
  transformationsOf(network: ScopedKey): Promise<ScopedKey[]>;
  chemicalSystemsOf(network: ScopedKey): Promise<ScopedKey[]>;
  networksOfTransformation(transformation: ScopedKey): Promise<ScopedKey[]>;
  networksOfChemicalSystem(system: ScopedKey): Promise<ScopedKey[]>;
  transformationsOfChemicalSystem(system: ScopedKey): Promise<ScopedKey[]>;
  /** stateA, stateB; one element for a NonTransformation. */
  chemicalSystemsOfTransformation(transformation: ScopedKey): Promise<ScopedKey[]>;
  /** Null where the network is missing. A network named twice: the last state wins. */
  setStates(networks: readonly ScopedKey[], states: readonly NetworkState[], actor: Actor): Promise<(ScopedKey | null)[]>;
  getStates(networks: readonly ScopedKey[]): Promise<(NetworkState | null)[]>;
  /** Hub weights in [0, 1], checked by the caller. */
  setWeights(networks: readonly ScopedKey[], weights: readonly number[], actor: Actor): Promise<(ScopedKey | null)[]>;
  getWeights(networks: readonly ScopedKey[]): Promise<(number | null)[]>;
  /** Distinct Tasks of Transformations that belong to at least one network whose state matches the pattern (absent = any). */
  scopeStatus(filter: ScopeFilter & { readonly networkState?: string }): Promise<StatusCounts>;
  /** `{}` where missing. */
  statuses(networks: readonly ScopedKey[]): Promise<StatusCounts[]>;
  transformationStatus(transformation: ScopedKey): Promise<StatusCounts>;
}

// --- tasks (§5) ---

/** How many Tasks of a scope (null: of all) have a status. */
export interface TaskCount {
  readonly scope: Scope | null;
  readonly status: TaskStatus;
  readonly tasks: number;
}

export interface TaskOperations {
  /**
   * All or nothing, in input order, each in its own Transformation's scope. Throws `TransformationNotFound`,
   * `CannotExtend` (with the reason and the texts of §5.1).
   */
  create(
    transformations: readonly ScopedKey[],
    extend: readonly (ScopedKey | null)[] | null,
    creator: string | null,
    actor: Actor,
  ): Promise<ScopedKey[]>;
  query(filter: ScopeFilter & { readonly status?: string }): Promise<ScopedKey[]>;
  ofNetwork(network: ScopedKey, status?: TaskStatus): Promise<ScopedKey[]>;
  networksOf(task: ScopedKey): Promise<ScopedKey[]>;
  /** `extends`: strict transitive descendants of that Task only. Each with the Task it extends. */
  ofTransformation(
    transformation: ScopedKey,
    filter?: { readonly extends?: string; readonly status?: TaskStatus },
  ): Promise<{ readonly task: ScopedKey; readonly extends: ScopedKey | null }[]>;
  transformationOf(task: ScopedKey): Promise<ScopedKey | null>;
  getStatuses(tasks: readonly (ScopedKey | null)[]): Promise<(TaskStatus | null)[]>;
  /** By the status machine of §5.2 with its cascades; null = missing or not allowed. */
  setStatuses(tasks: readonly (ScopedKey | null)[], status: TaskStatus, actor: Actor): Promise<(ScopedKey | null)[]>;
  /** 1 … 2⁶³−1. */
  getPriorities(tasks: readonly (ScopedKey | null)[]): Promise<(bigint | null)[]>;
  setPriorities(tasks: readonly (ScopedKey | null)[], priority: bigint, actor: Actor): Promise<(ScopedKey | null)[]>;
  /** Every Task of the store, whoever may see it; by scope, the largest numbers first. Reads all Tasks: for figures now and then. */
  count(byScope: boolean): Promise<TaskCount[]>;
}

// --- hubs (§6) ---

/** A weight for every Task (a number), one for each (a list), or leave what is there (null). In [0, 1], checked by the caller. */
export type TaskWeights = number | readonly number[] | null;

export interface HubOperations {
  /** Null: missing, not eligible, or actioned here already. Weights apply to listed members, also those already actioned. One transaction. */
  action(network: ScopedKey, tasks: readonly ScopedKey[], weights: TaskWeights, actor: Actor): Promise<(ScopedKey | null)[]>;
  cancel(network: ScopedKey, tasks: readonly ScopedKey[], actor: Actor): Promise<(ScopedKey | null)[]>;
  /** Per network: Task → weight; `{}` where missing. */
  actionedTasks(networks: readonly ScopedKey[]): Promise<Map<ScopedKey, number>[]>;
  /** Network → weight of this Task there. */
  actionedNetworks(task: ScopedKey): Promise<Map<ScopedKey, number>>;
  /** Ordered by org, campaign, project, key. */
  query(filter: ScopeFilter): Promise<{ readonly hub: ScopedKey; readonly network: ScopedKey; readonly weight: number }[]>;
}

// --- claims (§7) ---

export interface ClaimRequest {
  readonly service: ComputeServiceId;
  readonly count: number;
  /** Protocol class names; null = any. Never empty. */
  readonly protocols: readonly string[] | null;
}

export interface ClaimOperations {
  /** Exactly `count` entries, padded with null. Unknown hub: nulls. Throws `ServiceNotRegistered`. */
  claimFromHub(hub: ScopedKey, request: ClaimRequest): Promise<(ScopedKey | null)[]>;
  /**
   * Across hubs in `scopes` (already intersected with the caller's) but not inside `exclude`. `denied` when the
   * failure gate (§8.1) says so. Throws `ServiceNotRegistered`.
   */
  claim(
    request: ClaimRequest & {
      readonly scopes: readonly Scope[];
      readonly exclude: readonly Scope[];
      /** Failures newer than this count against the service; older ones are pruned. */
      readonly forgiveBefore: Instant;
      readonly maxFailures: number;
      /** `registration` unless told. */
      readonly failureMemory?: FailureMemory;
      /** What the body shows of the service's generation (compute-api §3.6 rule 3), kept on its registration. */
      readonly sentScopesExclude: boolean;
    },
  ): Promise<{ readonly denied: boolean; readonly tasks: (ScopedKey | null)[] }>;
  /** The live claim of a Task, with what is known of the claiming service's generation. */
  holder(task: ScopedKey): Promise<ServiceGeneration | null>;
  /** The running Tasks that a service claims, and whether each is still on a hub; null when it is not registered. */
  held(service: ComputeServiceId): Promise<{ readonly task: ScopedKey; readonly actioned: boolean }[] | null>;
  /** What the service still holds of `tasks` waits again: it never heard of them, or does not execute them any more. Those that wait again now. */
  release(service: ComputeServiceId, tasks: readonly ScopedKey[], actor: Actor): Promise<ScopedKey[]>;
}

// --- services (§8.1) ---

export interface ServiceGeneration {
  readonly service: ComputeServiceId;
  /** The register body held the key `compute_manager_id` (≥ 0.7.0). */
  readonly sentManagerKey: boolean;
  /** The last /claim body held the key `scopes_exclude` (≥ 0.8.0); null before the first claim. */
  readonly sentScopesExclude: boolean | null;
}

/**
 * Whose failures count at the gate: those of the registration, which are forgotten with it (as the Python server does), or those of
 * whoever has the same identity, the same name (of its manager, else its own without the UUID) and the same host.
 */
export type FailureMemory = "registration" | "history";

/** A failure in the history, which stays when the registration goes. */
export interface FailureRecord {
  readonly id: number;
  readonly at: Instant;
  /** That registered the service, else the one that reported; null where unknown. */
  readonly identity: string | null;
  /** Of the service's manager, else of the service without the UUID. */
  readonly name: string;
  /** As far as the service said it. */
  readonly host: string | null;
  /** As it was posted. */
  readonly service: string;
  readonly task: ScopedKey;
}

export interface ServiceOperations {
  /**
   * Repeated: times refreshed, claims kept. `managerName`: attached to the manager of that name; throws
   * `ManagerNotFound` when none is registered.
   */
  register(
    service: ComputeServiceId,
    options: {
      readonly managerName: string | null;
      readonly sentManagerKey: boolean;
      readonly identity: string | null;
      /** The machine that it runs on, as far as it says so. */
      readonly host?: string | null;
      /** Of what runs it, by name, as far as it says so. */
      readonly versions?: Readonly<Record<string, string>> | null;
    },
  ): Promise<void>;
  /** Its running Tasks wait again; unknown is fine. */
  deregister(service: ComputeServiceId, actor: Actor): Promise<void>;
  /** Refreshes its own heartbeat; false when unknown. */
  heartbeat(service: ComputeServiceId): Promise<boolean>;
  /**
   * Every registration whose heartbeat is older: its running Tasks wait again. Returns the ids. Nothing while no API process serves
   * compute, nor after an outage, until one has done so again since `before` (see {@link ProcessOperations}).
   */
  expire(before: Instant): Promise<ComputeServiceId[]>;
  /** The history of failures, the newest first: at most `limit` (1,000 unless told) with an id below `before`; `name`: of that name alone. */
  failures(page?: { readonly name?: string; readonly before?: number; readonly limit?: number }): Promise<FailureRecord[]>;
  get(
    service: ComputeServiceId,
  ): Promise<(ServiceGeneration & { readonly registered: Instant; readonly heartbeat: Instant }) | null>;
  list(): Promise<
    {
      readonly service: ComputeServiceId;
      /** That registered it, where it is known. */
      readonly identity: string | null;
      /** The name of its compute manager. */
      readonly manager: string | null;
      /** The machine that it runs on, and versions of what runs it by name; null where it does not say. */
      readonly host: string | null;
      readonly versions: Readonly<Record<string, string>> | null;
      readonly registered: Instant;
      readonly heartbeat: Instant;
      readonly claims: number;
    }[]
  >;
}

// --- API processes ---

/** Which APIs a process serves. */
export type ApiProcessKind = "user" | "compute" | "both";

export interface ApiProcess {
  /** Its own, new at each start. */
  readonly id: string;
  readonly kind: ApiProcessKind;
  readonly host: string;
  readonly pid: number;
  readonly started: Instant;
  readonly heartbeat: Instant;
}

/**
 * The API processes on this store: who is there, and who does what only one does at a time.
 *
 * The store knows since when compute services could reach one of them without a break, so that after an outage nothing expires before it had
 * a whole period to be heard again. The break is one of all processes together: one that restarts while others are there changes nothing.
 */
export interface ProcessOperations {
  /**
   * Registers, or says that it is still there: for so many seconds, unless it is heard of again. Breaks shorter than this are none.
   */
  beat(process: Omit<ApiProcess, "heartbeat">, seconds: number): Promise<void>;
  /** It stops; what it held is free. Unknown is fine. */
  leave(id: string): Promise<void>;
  /** Takes or prolongs a duty that one process has at a time, for so many seconds; false while another has it. */
  takeLease(name: string, holder: string, seconds: number): Promise<boolean>;
  /** Those that are there, in the order of their starts; one that was killed is listed until its time is over. */
  list(): Promise<ApiProcess[]>;
  /** Since when, and until when at least, compute services can reach an API process; null where none was ever there. */
  liveness(): Promise<{ readonly since: Instant; readonly until: Instant } | null>;
}

// --- managers (§8.2) ---

/** What a manager says of itself. `saturation` in [0, 1] and a `detail` that is not empty: checked by the caller. */
export type ManagerReport =
  | { readonly status: "OK"; readonly saturation: number }
  | { readonly status: "ERROR"; readonly detail: string };

export interface ManagerRegistration {
  readonly manager: ComputeManagerId;
  readonly status: ComputeManagerStatus;
  /** Empty at first; null after a report without one. */
  readonly detail: string | null;
  readonly saturation: number | null;
  readonly registered: Instant;
  /** Of the last report; the registration, before there is one. */
  readonly updated: Instant;
  /** Services that belong to it, in the order in which they registered. */
  readonly services: readonly ComputeServiceId[];
}

export type ManagerInstruction =
  | { readonly kind: "shutdown" }
  | { readonly kind: "skip"; readonly services: readonly ComputeServiceId[] }
  | { readonly kind: "ok"; readonly services: readonly ComputeServiceId[]; readonly tasks: number };

export interface ManagerOperations {
  /**
   * Status OK, detail `""`, saturation 0; every service of that manager name is attached. `steal`: an OK holder of the name is
   * deregistered first. Throws `ManagerNameTaken`, also for the same id once more.
   */
  register(manager: ComputeManagerId, options: { readonly steal: boolean; readonly identity: string | null }): Promise<void>;
  /** Removed unless its status is ERROR; unknown is fine. Its services stay and keep the name. */
  deregister(manager: ComputeManagerId, actor: Actor): Promise<void>;
  /** Removes the manager of that name if its status is ERROR; false when there is none. */
  clearError(name: string, actor: Actor): Promise<boolean>;
  /** Overwrites status, detail and saturation; what the report lacks becomes null. `at`: now unless told. False when unknown. */
  report(manager: ComputeManagerId, report: ManagerReport, at?: Instant): Promise<boolean>;
  /**
   * What it is to do: `shutdown` when this name and UUID are not registered; `skip` when a service of its own is over the failure
   * limit; else `ok` with the number of Tasks in `scopes` that can be claimed now.
   */
  instruction(
    manager: ComputeManagerId,
    request: {
      /** Already intersected with the caller's; `[]` matches nothing. */
      readonly scopes: readonly Scope[];
      /** Protocol class names; null = any. Never empty. */
      readonly protocols: readonly string[] | null;
      readonly forgiveBefore: Instant;
      readonly maxFailures: number;
      /** `registration` unless told. */
      readonly failureMemory?: FailureMemory;
    },
  ): Promise<ManagerInstruction>;
  /**
   * Removes those in OK whose last report is older than `okBefore` (after an outage as services are), and those in ERROR older than
   * `errorBefore`. Returns them.
   */
  expire(okBefore: Instant, errorBefore: Instant): Promise<ComputeManagerId[]>;
  get(manager: ComputeManagerId): Promise<ManagerRegistration | null>;
  /** In the order of their names. */
  list(): Promise<ManagerRegistration[]>;
}

// --- results (§9, §10) ---

/** What is kept of every result. */
export interface ReportedResult {
  /** gufe key of the ProtocolDAGResult. */
  readonly resultKey: string;
  readonly ok: boolean;
  /** Object store path without the prefix. */
  readonly location: string;
  /** ISO-8601 UTC, as the object store wrote it. */
  readonly created: string;
  readonly failures: readonly { readonly sourceKey: string; readonly failureKey: string; readonly traceback: string }[];
}

export interface ResultReport extends ReportedResult {
  readonly task: ScopedKey;
  /** Compute service id as posted (`"None"` counts as claimant). */
  readonly service: string;
  /** What it was computed on, where that is known. */
  readonly hardware?: string | null;
  readonly actor: Actor;
}

/** A result that no compute service of this server has computed. */
export interface ResultImport extends ReportedResult {
  readonly transformation: ScopedKey;
  /** gufe key of the ProtocolDAGResult that it extends. */
  readonly extendsKey: string | null;
  readonly actor: Actor;
}

export interface ResultRef {
  readonly ref: ScopedKey;
  readonly resultKey: string;
  readonly ok: boolean;
  readonly location: string;
  readonly created: string;
  readonly creator: string | null;
}

/** A result and where it belongs. */
export interface KnownResult extends ResultRef {
  /** Grows in the order in which results are seen. */
  readonly cursor: number;
  readonly task: ScopedKey;
  readonly transformation: ScopedKey;
}

export interface ResultFilter {
  /** 0 for the first part, then `after` of the part before. */
  readonly after: number;
  /** Null for the first part, then `until` of the part before: what is reported in between is left for later. */
  readonly until: number | null;
  /** Null: both. */
  readonly ok: boolean | null;
  /** Null: all. */
  readonly transformation: ScopedKey | null;
  readonly limit: number;
}

export interface ResultPart {
  readonly results: readonly KnownResult[];
  /** Where the next part begins; the last part has come when this is `until`. */
  readonly after: number;
  readonly until: number;
}

export interface ResultOperations {
  /**
   * One transaction: ref, tracebacks, status, hubs, claim, the service's failure, restarts (§9, §10). Repeated
   * for the same (task, result key, ok): the same ref and no second effect. Throws `TaskNotFound`.
   */
  report(report: ResultReport): Promise<ScopedKey>;
  /** A Task for which no ProtocolDAG could be made: `error`, with a traceback, against the service. */
  reportFailure(failure: {
    readonly task: ScopedKey;
    readonly service: string;
    readonly exception: string;
    readonly traceback: string;
    readonly actor: Actor;
  }): Promise<void>;
  /**
   * A result from elsewhere: with a Task of its own, `complete` or `error`, created by "imported"; it extends the Task of what the result
   * extends, where that is there. `imported` is false, and nothing written, where the Transformation has the result already. Throws
   * `TransformationNotFound`.
   */
  import(result: ResultImport): Promise<{ readonly ref: ScopedKey; readonly task: ScopedKey; readonly imported: boolean }>;
  ofTask(task: ScopedKey, ok: boolean): Promise<ScopedKey[]>;
  ofTransformation(transformation: ScopedKey, ok: boolean): Promise<ScopedKey[]>;
  /** The first result of a Transformation with this gufe key, of whatever Task; null without one. */
  withKey(transformation: ScopedKey, resultKey: string, ok: boolean): Promise<KnownResult | null>;
  get(ref: ScopedKey): Promise<ResultRef | null>;
  /** The same with its Task. */
  find(ref: ScopedKey): Promise<KnownResult | null>;
  /**
   * A part of a network's results: at most `limit`, in the order in which they were reported; it may be empty where others follow. Null for
   * a missing network. Whoever goes on after the last cursor misses nothing.
   */
  ofNetwork(network: ScopedKey, filter: ResultFilter): Promise<ResultPart | null>;
  /** The same of one Transformation; null for a missing one. */
  partOfTransformation(transformation: ScopedKey, filter: Omit<ResultFilter, "transformation">): Promise<ResultPart | null>;
  /**
   * What a compute service needs to run a Task: its Transformation, and the newest ok result of the Task that it
   * extends (null when it extends none or there is none). Null when the Task is missing.
   */
  forExecution(task: ScopedKey): Promise<{ readonly transformation: ScopedKey; readonly extended: ResultRef | null } | null>;
  /** What `reportFailure` was told of a Task, oldest first; `service` as it posted. */
  failuresWithoutResult(
    task: ScopedKey,
  ): Promise<{ readonly at: Instant; readonly service: string | null; readonly exception: string; readonly traceback: string }[]>;
  tracebacks(ref: ScopedKey): Promise<{ readonly sourceKey: string; readonly failureKey: string; readonly traceback: string }[]>;
}

// --- restart patterns (§10) ---

export interface RestartPattern {
  /** In the syntax of Python's `re`, searched for in tracebacks. */
  readonly pattern: string;
  /** 1 or more. */
  readonly maxRetries: number;
}

export interface RestartOperations {
  /**
   * Adds each pattern to the network's hub, for every Task there, with counters at 0; one that is there already takes the new limit and
   * its counters start again. Then every errored Task there is decided on again: it waits once more, or leaves the hub. `maxRetries`
   * is 1 or more, checked by the caller. Throws `NetworkNotFound`, `InvalidPattern`; nothing is written then.
   */
  add(network: ScopedKey, patterns: readonly string[], maxRetries: number, actor: Actor): Promise<void>;
  /** With their counters. Unknown patterns and a missing network are ignored. */
  remove(network: ScopedKey, patterns: readonly string[], actor: Actor): Promise<void>;
  /** Removes all; a missing network is ignored. */
  clear(network: ScopedKey, actor: Actor): Promise<void>;
  /** Counters stay. Unknown patterns and a missing network are ignored. */
  setMaxRetries(network: ScopedKey, patterns: readonly string[], maxRetries: number, actor: Actor): Promise<void>;
  /** Aligned with the input; `[]` for a missing network. In the order in which they were added. */
  get(networks: readonly ScopedKey[]): Promise<RestartPattern[][]>;
}

// --- the event log (design: nothing happens without a trace) ---

export interface Event {
  readonly id: number;
  readonly at: Instant;
  /** `status`, `claim`, `unclaim`, `action`, `cancel`, `weight`, `priority`, `result`, `create`, `submit`, `state`, … */
  readonly kind: string;
  readonly task: ScopedKey | null;
  readonly network: ScopedKey | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly identity: string | null;
  readonly service: string | null;
  readonly strategy: string | null;
  readonly reason: string | null;
}

/**
 * Whoever reads on after the last id that he got misses nothing, also where transactions commit in another order than that of their
 * ids: an event is told when every transaction that may still bring a lower id has ended.
 */
export interface EventOperations {
  /** The whole log, oldest first: at most `limit` (1,000 unless told) events after the id `after`. */
  since(after: number, limit?: number): Promise<Event[]>;
  /** Likewise of one Task; `[]` for a missing one. */
  ofTask(task: ScopedKey, after?: number, limit?: number): Promise<Event[]>;
  /** Likewise of a network: its own, and those of every Task of its Transformations since it was submitted; `[]` for a missing one. */
  ofNetwork(network: ScopedKey, after?: number, limit?: number): Promise<Event[]>;
  /** The networks that the events after `after` and up to `until` belong to. */
  networksTouched(after: number, until: number): Promise<ScopedKey[]>;
  /** Where a follower begins who wants only what comes from now on; 0 before the first event. */
  latest(): Promise<number>;
}
