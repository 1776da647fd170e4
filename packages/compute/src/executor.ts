import type { ResultSource } from "@alchemiscale/client/node";
import type { Provenance, ScopedKey } from "@alchemiscale/contract";
import type { KeepRules, KeptFile } from "./kept-files.ts";

/** What a Task may use at most. */
export interface TaskLimits {
  /** Bytes of memory of all processes of one unit together; null = no limit. */
  readonly memory: number | null;
  /** Seconds that making the ProtocolDAG, and each attempt of a unit, may take; null = no limit. */
  readonly seconds: number | null;
}

export const noLimits: TaskLimits = { memory: null, seconds: null };

/** A Task as an executor sees it. */
export interface ExecutorTask {
  readonly task: ScopedKey;
  /** Keyed chain text of the (Non)Transformation. */
  readonly transformation: string;
  /** Stored bytes of the result that the Task extends. */
  readonly extended: Uint8Array | null;
  /** Attempts after the first, for each unit. */
  readonly retries: number;
  readonly sharedBasedir: string;
  readonly scratchBasedir: string;
  readonly keepShared: boolean;
  readonly keepScratch: boolean;
  /** Default: {@link noLimits}. */
  readonly limits?: TaskLimits;
  /** Files to be kept beside the result; default: none. */
  readonly keep?: KeepRules;
}

/** A ProtocolDAGResult, ok or not. */
export interface ExecutedResult {
  readonly kind: "result";
  readonly key: string;
  readonly ok: boolean;
  /** Class and message of the exception that ended it, as far as it is known; null where it is ok. */
  readonly exception?: string | null;
  /** Keyed chain, UTF-8. */
  readonly result: ResultSource;
  /** Where and how it was computed. */
  readonly provenance?: Provenance;
  /** To be kept beside the result; there until {@link dispose}. */
  readonly files?: readonly KeptFile[];
  /** Removes the executor's files, when the result has been sent. */
  dispose(): Promise<void>;
}

/** No ProtocolDAG could be made: there is nothing but an explanation. */
export interface NoResult {
  readonly kind: "failure";
  /** Class and message. */
  readonly exception: string;
  readonly traceback: string;
}

export type Outcome = ExecutedResult | NoResult;

/** What a unit is thought to use, where that can be told from its class and its settings; null = nobody knows. */
export interface ResourceHints {
  /** False for set-up and analysis units and those set to run on CPUs. */
  readonly gpu: boolean | null;
  readonly cores: number | null;
  /** Bytes. */
  readonly memory: number | null;
}

/** One ProtocolUnit of a prepared Task. */
export interface PreparedUnit {
  readonly key: string;
  readonly name: string | null;
  /** Class. */
  readonly qualname: string;
  /** Keys of the units whose results it takes. */
  readonly dependencies: readonly string[];
  readonly hints: ResourceHints;
}

/** All attempts of one unit are over. */
export interface UnitOutcome {
  readonly unit: string;
  readonly ok: boolean;
  /** Attempts made, failed ones included. */
  readonly attempts: number;
  /** Class and message of the last attempt's exception; null where it is ok. */
  readonly exception: string | null;
  /** Wall time, seconds, of the attempts together. */
  readonly seconds: number;
}

/** Where a unit runs. */
export interface UnitPlace {
  /**
   * Environment variables of the unit's process (`CUDA_VISIBLE_DEVICES`, `OMP_NUM_THREADS`, …), beside those of the service. Units with the same
   * variables may have the same warm process, one after another.
   */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * A Task whose ProtocolDAG stands: its units run in any order that respects their dependencies, any number at once, each in a process (or thread)
 * of its own. Units that need a failed one must not be run. When no more unit is to run, `assemble` makes the result of what there is.
 */
export interface PreparedTask {
  readonly kind: "prepared";
  readonly task: ScopedKey;
  readonly dagKey: string;
  /** In gufe's order of execution. */
  readonly units: readonly PreparedUnit[];
  /** Units that were done before this process began, found on disk. They are not to be run again. */
  readonly finished: ReadonlyMap<string, UnitOutcome>;
  /**
   * Runs one unit: all of its attempts, until one succeeds. An exception, crash, or limit that is exceeded is an outcome that is not ok. Rejects with the signal's
   * reason, when all of the unit's processes have ended; and with {@link ExecutorUnavailable}.
   */
  executeUnit(unit: string, place: UnitPlace, signal: AbortSignal): Promise<UnitOutcome>;
  /**
   * The ProtocolDAGResult, with the unit results in gufe's order whatever the order in which they came. Removes the directories shared and scratch, unless they are to
   * be kept. To be called once, when no unit runs.
   */
  assemble(signal: AbortSignal): Promise<Outcome>;
  /**
   * Lets go of a Task that will not be assembled, when no unit runs: removes its files, or leaves them (`resumable`) for a service that is started on this host later
   * and gets the Task again.
   */
  abandon(options?: { readonly resumable?: boolean }): Promise<void>;
}

/** What executes, and versions by name of what it executes with: told with the registration and with every result. */
export type ExecutorVersions = Pick<Provenance, "executor" | "packages">;

/**
 * Runs whole Tasks outside the thread of the service, so that heartbeats go on however busy it is.
 * What goes wrong with a Task is an {@link Outcome}; a rejection is the signal's reason, or a fault of the executor itself.
 */
export interface TaskExecutor {
  readonly name: string;
  readonly versions: ExecutorVersions;
  /** Protocol classes that it can run; null = any that it may be given. */
  readonly protocols: readonly string[] | null;
  /** Runs a Task's units one after another. Aborting ends all processes of the Task at once. */
  execute(task: ExecutorTask, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** Runs Tasks unit by unit. Any number of Tasks can be prepared, and their units run, at once. */
export interface Executor extends TaskExecutor {
  /** Makes the Task's ProtocolDAG; or an explanation why there is none. Aborting ends it at once and leaves nothing behind. */
  prepare(task: ExecutorTask, signal: AbortSignal): Promise<PreparedTask | NoResult>;
}
