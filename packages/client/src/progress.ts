/** How far something that takes long has come: told as it happens, for bars and logs. */

/** What a client is at. */
export type ProgressOperation =
  | "create-network"
  | "get-network"
  | "get-transformation"
  | "get-chemical-system"
  | "results"
  | "gather"
  | "restore"
  | "batches";

/**
 * - `started`: the first event of an operation.
 * - `advanced`: `done` or `bytes` is larger than before, or `total` has become known.
 * - `finished`, `failed`, `stopped` (left early by the caller): the last event, exactly one of them.
 */
export type ProgressState = "started" | "advanced" | "finished" | "failed" | "stopped";

/** One event. */
export interface Progress {
  /** The same for all events of one operation, and for no other in this program. */
  readonly id: number;
  readonly operation: ProgressOperation;
  /** The key or the scope that it is about; for batches: the path. */
  readonly subject: string;
  readonly state: ProgressState;
  /** Things done: results, objects, or keys of batches. */
  readonly done: number;
  /** Null while nobody knows. */
  readonly total: number | null;
  /** Bytes of content received or sent, as they are stored. */
  readonly bytes: number;
}

/** Must not throw. */
export type ProgressListener = (progress: Progress) => void;

let operations = 0;

/** Tells one operation's progress. */
export class ProgressReporter {
  readonly #listeners: readonly ProgressListener[];
  readonly #id: number;
  readonly #operation: ProgressOperation;
  readonly #subject: string;
  #done = 0;
  #total: number | null;
  #bytes = 0;
  #over = false;

  /** Tells that it has started. Undefined listeners are left out. */
  constructor(
    operation: ProgressOperation,
    subject: string,
    listeners: readonly (ProgressListener | undefined)[],
    total: number | null = null,
  ) {
    this.#listeners = [...new Set(listeners.filter((listener) => listener !== undefined))];
    operations += 1;
    this.#id = operations;
    this.#operation = operation;
    this.#subject = subject;
    this.#total = total;
    this.#tell("started");
  }

  /** False where nobody listens. */
  get isHeard(): boolean {
    return this.#listeners.length > 0;
  }

  expect(total: number): void {
    this.#total = total;
    this.#tell("advanced");
  }

  advance(done: number, bytes = 0): void {
    this.#done += done;
    this.#bytes += bytes;
    this.#tell("advanced");
  }

  end(state: "finished" | "failed" | "stopped"): void {
    if (this.#over) return;
    this.#over = true;
    this.#tell(state);
  }

  /** Ends with what comes of the work. */
  async during<T>(work: Promise<T>): Promise<T> {
    try {
      const value = await work;
      this.end("finished");
      return value;
    } catch (error) {
      this.end("failed");
      throw error;
    }
  }

  /** Ends with the sequence. */
  async *through<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    let state: "finished" | "failed" | "stopped" = "stopped";
    try {
      yield* items;
      state = "finished";
    } catch (error) {
      state = "failed";
      throw error;
    } finally {
      this.end(state);
    }
  }

  #tell(state: ProgressState): void {
    if (this.#listeners.length === 0) return;
    const progress: Progress = {
      id: this.#id,
      operation: this.#operation,
      subject: this.#subject,
      state,
      done: this.#done,
      total: this.#total,
      bytes: this.#bytes,
    };
    for (const listener of this.#listeners) listener(progress);
  }
}
