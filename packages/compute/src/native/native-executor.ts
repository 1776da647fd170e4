import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ScopedKey } from "@alchemiscale/contract";
import { executeInOrder, isResumable } from "../execute-in-order.ts";
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
import type { NativeDag, NativeResult, NativeUnitResult } from "./native-jobs.ts";
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
      const directory = await directoryFor(task, signal);
      return prepareAt(directory, directory.resumed, task, signal);
    },

    async execute(task, signal) {
      const directory = await directoryFor(task, signal);
      const { memory, seconds } = task.limits ?? noLimits;
      // Limits are those of each unit; and of what was begun before, units may be done.
      const byUnit = directory.resumed || memory !== null || seconds !== null;
      return byUnit ? executeUnits(directory, directory.resumed, task, signal) : executeAt(directory, task, signal);
    },

    close: () => threads.close(),
  };

  async function directoryFor(task: ExecutorTask, signal: AbortSignal): Promise<TaskDirectory> {
    signal.throwIfAborted();
    if (!swept.has(task.scratchBasedir)) {
      swept.add(task.scratchBasedir);
      await sweepTaskDirectories(task.scratchBasedir, options.resumableSeconds ?? week);
    }
    return openTaskDirectory(task, `native ${version}`);
  }

  async function prepareAt(
    directory: TaskDirectory,
    resume: boolean,
    task: ExecutorTask,
    signal: AbortSignal,
  ): Promise<PreparedTask | NoResult> {
    const prepared = await prepareIn(threads, directory, resume, task, options, signal);
    if (prepared.kind === "prepared" || !resume) return prepared;
    // What is there cannot be gone on with.
    return prepareIn(threads, await openTaskDirectory(task, `native ${version}`), false, task, options, signal);
  }

  function executeUnits(directory: TaskDirectory, resume: boolean, task: ExecutorTask, signal: AbortSignal): Promise<Outcome> {
    return executeInOrder({ prepare: () => prepareAt(directory, resume, task, signal) }, task, signal);
  }

  /** In one go: to ask a thread for each unit takes longer than a small unit. */
  async function executeAt(directory: TaskDirectory, task: ExecutorTask, signal: AbortSignal): Promise<Outcome> {
    const { task: name, transformation, extended, retries } = task;
    const seed = options.seedOf?.(name) ?? null;
    const journal = journalIn(directory);
    try {
      const job = { job: "execute", task: { name, transformation, extended }, journal, retries, seed } as const;
      return await outcomeOf(await threads.run(job, signal), directory);
    } catch (error) {
      // Unit by unit it shows which one did that; what was done before it is there.
      if (error instanceof ThreadEnded) return executeUnits(directory, true, task, signal);
      await (isResumable(error) ? directory.leave() : directory.remove());
      throw error;
    }
  }
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
    const journal = journalIn(directory);
    const made = await threads.run(
      { job: "prepare", task: { name, transformation, extended }, journal, resume, retries },
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
    return outcomeOf(made, this.#directory);
  }

  abandon({ resumable = false }: { readonly resumable?: boolean } = {}): Promise<void> {
    return resumable ? this.#directory.leave() : this.#directory.remove();
  }
}

/** Of the attempts of a Task. */
function journalIn(directory: TaskDirectory): string {
  return join(directory.path, "attempts.jsonl");
}

async function outcomeOf(made: NativeResult | NoResult, directory: TaskDirectory): Promise<Outcome> {
  if ("kind" in made) {
    await directory.remove();
    return made;
  }
  return {
    kind: "result",
    key: made.key,
    ok: made.ok,
    exception: made.exception,
    result: { bytes: new TextEncoder().encode(made.chain) },
    provenance: await resultProvenance(versions, made.about),
    dispose: () => directory.remove(),
  };
}

/** Null for what is not the unit's doing. */
function endingOf(error: unknown): { readonly exception: string; readonly message: string } | null {
  if (error instanceof ThreadTimeout) return { exception: "TimeLimitExceeded", message: `the unit was ${error.message}` };
  if (!(error instanceof ThreadEnded)) return null;
  return { exception: error.outOfMemory ? "MemoryLimitExceeded" : "ThreadCrash", message: error.message };
}
