import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ScopedKey } from "@alchemiscale/contract";
import { executeInOrder } from "../execute-in-order.ts";
import {
  type Executor,
  type ExecutorTask,
  type ExecutorVersions,
  type NoResult,
  noLimits,
  type Outcome,
  type PreparedTask,
  type ResourceHints,
  type UnitOutcome,
  type UnitPlace,
} from "../executor.ts";
import { resultProvenance } from "../provenance/result-provenance.ts";
import { openTaskDirectory, sweepTaskDirectories, type TaskDirectory } from "../task-directory.ts";
import { harmonicProtocol } from "./harmonic-input.ts";
import type { NativeDag, NativeUnitResult } from "./native-jobs.ts";
import { ThreadEnded, ThreadPool, ThreadTimeout } from "./thread-pool.ts";

export interface NativeExecutorOptions {
  /** Seed text for a Task whose settings have none, of the characters `0-9 a-z A-Z . _ -`; default: a random one. */
  readonly seedOf?: (task: ScopedKey) => string | null;
  /** Seconds after which files are removed that a service has left behind on this host for going on later; default a week. */
  readonly resumableSeconds?: number;
}

/** Changes when units of an older one must not be gone on with. */
const version = "1";
const versions: ExecutorVersions = { executor: { name: "native", version }, packages: { node: process.versions.node } };
const hints: ResourceHints = { gpu: false, cores: 1, memory: null };
const week = 7 * 24 * 3600;

/** Runs the native protocol, each unit in a thread; these are kept for others, and ended when a Task is aborted. */
export function createNativeExecutor(options: NativeExecutorOptions = {}): Executor {
  // One for each unit at once, and two for Tasks that are prepared or assembled meanwhile: to start a thread costs more than a small unit.
  const threads = new ThreadPool(availableParallelism() + 2);
  const swept = new Set<string>();

  const executor: Executor = {
    name: "native",
    versions,
    protocols: [harmonicProtocol],

    async prepare(task, signal) {
      signal.throwIfAborted();
      if (!swept.has(task.scratchBasedir)) {
        swept.add(task.scratchBasedir);
        await sweepTaskDirectories(task.scratchBasedir, options.resumableSeconds ?? week);
      }
      const directory = await openTaskDirectory(task, `native ${version}`);
      const prepared = await prepareIn(threads, directory, directory.resumed, task, options, signal);
      if (prepared.kind === "prepared" || !directory.resumed) return prepared;
      // What is there cannot be gone on with.
      return prepareIn(threads, await openTaskDirectory(task, `native ${version}`), false, task, options, signal);
    },

    execute: (task, signal) => executeInOrder(executor, task, signal),
    close: () => threads.close(),
  };
  return executor;
}

async function prepareIn(
  threads: ThreadPool,
  directory: TaskDirectory,
  resume: boolean,
  task: ExecutorTask,
  options: NativeExecutorOptions,
  signal: AbortSignal,
): Promise<PreparedTask | NoResult> {
  const { task: name, transformation, extended, retries, limits = noLimits } = task;
  try {
    const output = join(directory.path, "out");
    const made = await threads.run(
      { job: "prepare", task: { name, transformation, extended }, directory: output, resume, retries },
      signal,
      limits,
    );
    if (!("kind" in made)) return new NativePreparedTask(task, made, directory, threads, options.seedOf?.(name) ?? null);
    await directory.remove();
    return made;
  } catch (error) {
    await directory.remove();
    signal.throwIfAborted();
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "failure", exception: `${name}: ${message}`, traceback: stack ?? message };
  }
}

class NativePreparedTask implements PreparedTask {
  readonly kind = "prepared";
  readonly task;
  readonly dagKey;
  readonly units;
  readonly finished: ReadonlyMap<string, UnitOutcome>;
  readonly #task: ExecutorTask;
  readonly #made: NativeDag;
  readonly #directory: TaskDirectory;
  readonly #threads: ThreadPool;
  readonly #seed: string | null;
  /** What makes a result impossible. */
  #broken: NoResult | null = null;

  constructor(task: ExecutorTask, made: NativeDag, directory: TaskDirectory, threads: ThreadPool, seed: string | null) {
    this.#task = task;
    this.#made = made;
    this.#directory = directory;
    this.#threads = threads;
    this.#seed = seed;
    this.task = task.task;
    this.dagKey = made.dagKey;
    this.units = made.units.map((unit) => ({ ...unit, hints }));
    this.finished = new Map(made.finished.map((row) => [row.unit, { ...row, seconds: 0 }]));
  }

  async executeUnit(unit: string, _place: UnitPlace, signal: AbortSignal): Promise<UnitOutcome> {
    const start = performance.now();
    const result = await this.#execute(unit, signal);
    return { ...result, seconds: (performance.now() - start) / 1000 };
  }

  async #execute(unit: string, signal: AbortSignal): Promise<NativeUnitResult> {
    const { retries, limits } = this.#task;
    const { prepared } = this.#made;
    const started = Temporal.Now.plainDateTimeISO().toString();
    try {
      return this.#answered(
        unit,
        await this.#threads.run({ job: "unit", prepared, unit, retries, seed: this.#seed }, signal, limits),
      );
    } catch (error) {
      const failure = endingOf(error);
      if (failure === null) throw error;
      return this.#answered(unit, await this.#threads.run({ job: "fail", prepared, unit, started, ...failure }, signal));
    }
  }

  #answered(unit: string, answer: NativeUnitResult | NoResult): NativeUnitResult {
    if (!("kind" in answer)) return answer;
    this.#broken ??= answer;
    return { unit, ok: false, attempts: 0, exception: answer.exception };
  }

  async assemble(signal: AbortSignal): Promise<Outcome> {
    const made = this.#broken ?? (await this.#threads.run({ job: "assemble", prepared: this.#made.prepared }, signal));
    if ("kind" in made) {
      await this.#directory.remove();
      return made;
    }
    return {
      kind: "result",
      key: made.key,
      ok: made.ok,
      result: { bytes: new TextEncoder().encode(made.chain) },
      provenance: await resultProvenance(versions, join(this.#made.prepared.directory, "units")),
      dispose: () => this.#directory.remove(),
    };
  }

  abandon({ resumable = false }: { readonly resumable?: boolean } = {}): Promise<void> {
    return resumable ? this.#directory.leave() : this.#directory.remove();
  }
}

/** Null for what is not the unit's doing. */
function endingOf(error: unknown): { readonly exception: string; readonly message: string } | null {
  if (error instanceof ThreadTimeout) return { exception: "TimeLimitExceeded", message: `the unit was ${error.message}` };
  if (!(error instanceof ThreadEnded)) return null;
  return { exception: error.outOfMemory ? "MemoryLimitExceeded" : "ThreadCrash", message: error.message };
}
