/** Strategies of networks (§11), and what strategists do with them. */
import type {
  NetworkState,
  ScopedKey,
  StackCombination,
  StackRole,
  StackUntil,
  StrategyMode,
  StrategyStatus,
  TaskScaling,
  TaskStatus,
} from "@alchemiscale/contract";
import type { Actor, ChainEntries, Instant, ScopeFilter } from "./state-store.ts";

export interface StrategyState extends StrategySettings {
  readonly status: StrategyStatus;
  readonly iterations: number;
  readonly lastIteration: Instant | null;
  readonly lastIterationResultCount: number;
  /** Class and message. */
  readonly exception: readonly [type: string, message: string] | null;
  readonly traceback: string | null;
}

/** What users own of a strategy's state. */
export interface StrategySettings {
  readonly mode: StrategyMode;
  /** Seconds. */
  readonly sleepInterval: number;
  readonly maxTasksPerTransformation: number;
  readonly taskScaling: TaskScaling;
}

/** How a strategy takes part in a stack. */
export interface MemberRules {
  readonly weight: number;
  readonly role: StackRole;
  readonly until: StackUntil;
  /** Null: no limit. */
  readonly maxGpuHours: number | null;
}

export interface StackRules {
  readonly combine: StackCombination;
  /** Of the whole stack; null: no limit. */
  readonly maxGpuHours: number | null;
}

export interface StrategySubmission {
  /** Of all members. */
  readonly entries: ChainEntries;
  /** gufe key of the strategy; of a stack, of its first member. */
  readonly key: string;
  readonly state: StrategyState;
  /** Where it is a stack: at least one member. */
  readonly stack?: StackRules & { readonly members: readonly (MemberRules & { readonly key: string })[] };
}

export interface StoredMember extends MemberRules, MemberOutcome {
  readonly strategy: ScopedKey;
}

/** How a member fared when it was asked last. */
export interface MemberOutcome {
  readonly status: StrategyStatus;
  readonly exception: readonly [type: string, message: string] | null;
  readonly traceback: string | null;
}

/** The whole of a network's strategy. A strategy alone is a stack of one. */
export interface NetworkStrategy extends StackRules {
  /** Of the first member. */
  readonly strategy: ScopedKey;
  readonly state: StrategyState;
  /** Another one after every change but that of `blocked`. */
  readonly version: string;
  /** Why nobody could execute it when it was due last; its status tells nothing of that. */
  readonly blocked: string | null;
  /** In the order of the stack. */
  readonly members: readonly StoredMember[];
}

/** What an execution needs to know, as it was at one moment. */
export interface StrategyWork extends NetworkStrategy {
  /** References of ok results of all Transformations, whatever has become of their Tasks. */
  readonly resultCount: number;
  /** In the order of their keys. */
  readonly transformations: readonly WorkTransformation[];
  /** Those on the hub, and others that wait or run: oldest first. */
  readonly tasks: readonly WorkTask[];
}

export interface WorkTransformation {
  /** gufe key, as are those below. */
  readonly transformation: string;
  /** Ok results. */
  readonly results: number;
  /** A Task of it, on whatever hub, is in error. */
  readonly hasError: boolean;
  /** The text of its summary, as `estimates.writeSummaries` was told; null before that. */
  readonly summary: string | null;
}

export interface WorkTask {
  readonly task: ScopedKey;
  readonly transformation: string;
  readonly status: TaskStatus;
  /** On this network's hub. */
  readonly actioned: boolean;
}

/** What an execution has come to. */
export interface StrategyIteration extends MemberOutcome {
  /** Of the strategy that was executed. */
  readonly version: string;
  readonly resultCount: number;
  /** In the order of the stack. */
  readonly members: readonly MemberOutcome[];
  /** gufe keys of Transformations. */
  readonly create: readonly { readonly transformation: string; readonly count: number }[];
  readonly action: readonly ScopedKey[];
  readonly cancel: readonly ScopedKey[];
  /** What was decided and why; JSON of the caller's own. */
  readonly decision: string;
}

export interface StoredDecision {
  readonly id: number;
  readonly at: Instant;
  /** Of the strategy, from 1. */
  readonly iteration: number;
  readonly strategy: ScopedKey;
  readonly status: StrategyStatus;
  readonly text: string;
  /** Tasks that were made. */
  readonly created: readonly ScopedKey[];
}

export interface StrategyOperations {
  /** Sets or replaces (null: removes) the strategy of a network, with a state of its own. Its key, or null. Throws `NetworkNotFound`. */
  set(network: ScopedKey, strategy: StrategySubmission | null, actor: Actor): Promise<ScopedKey | null>;
  get(network: ScopedKey): Promise<{ readonly strategy: ScopedKey; readonly state: StrategyState } | null>;
  /** With its members. */
  describe(network: ScopedKey): Promise<NetworkStrategy | null>;
  /** Everything else stays as it is. The network; null where it has no strategy. */
  change(network: ScopedKey, settings: Partial<StrategySettings>, actor: Actor): Promise<ScopedKey | null>;
  /**
   * Writes what an execution has changed, if the network still has this strategy at this iteration [D21]; what users own (mode, interval,
   * limit, scaling) stays. False where it has not.
   */
  updateState(network: ScopedKey, strategy: ScopedKey, iterations: number, state: StrategyState): Promise<boolean>;
  /** Status `awake`, exception and traceback cleared. The network; null where it has no strategy. */
  wake(network: ScopedKey, actor: Actor): Promise<ScopedKey | null>;
  /** Neither disabled nor in error, and not executed for their interval nor for `minSleep` seconds; of networks in one of `states`. */
  due(
    filter: ScopeFilter & { readonly minSleep: number; readonly states: readonly NetworkState[] },
  ): Promise<{ readonly network: ScopedKey; readonly strategy: ScopedKey; readonly state: StrategyState }[]>;
  /** Null where the network has no strategy. */
  work(network: ScopedKey): Promise<StrategyWork | null>;
  /**
   * All that an execution has come to, at once: Tasks are created, actioned and cancelled, the state goes on by one iteration, and the decision
   * is kept. False, and nothing is written, where the strategy has changed since its work was read.
   */
  apply(network: ScopedKey, iteration: StrategyIteration): Promise<boolean>;
  /** Why it cannot be executed; null: it can. Where it has another version, nothing. */
  block(network: ScopedKey, version: string, reason: string | null): Promise<void>;
  /** The newest first: at most `limit` with an id below `before` (null: from the newest on). The last 50 of each network are kept. */
  decisions(network: ScopedKey, before: number | null, limit: number): Promise<StoredDecision[]>;
}
