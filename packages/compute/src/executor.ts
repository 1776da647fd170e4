import type { ResultSource } from "@alchemiscale/client/node";
import type { ScopedKey } from "@alchemiscale/contract";

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
}

/** A ProtocolDAGResult, ok or not. */
export interface ExecutedResult {
  readonly kind: "result";
  readonly key: string;
  readonly ok: boolean;
  /** Keyed chain, UTF-8. */
  readonly result: ResultSource;
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

/**
 * Runs ProtocolDAGs outside the thread of the service, one at a time, so that heartbeats go on however busy it is.
 * What goes wrong with a Task is an {@link Outcome}; a rejection is the signal's reason, or a fault of the executor itself.
 */
export interface Executor {
  readonly name: string;
  /** Protocol classes that it can run; null = any that it may be given. */
  readonly protocols: readonly string[] | null;
  /** Aborting ends all processes of the Task at once. */
  execute(task: ExecutorTask, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}
