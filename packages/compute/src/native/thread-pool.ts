import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { NativeDag, NativeJob, NativeResult, NativeUnitResult } from "./native-jobs.ts";
import type { NativeAnswer } from "./native-worker.ts";

/** What each job gives. */
interface Answers {
  prepare: NativeDag;
  execute: NativeResult;
  unit: NativeUnitResult;
  fail: NativeUnitResult;
  assemble: NativeResult;
}

type Failure = Extract<NativeAnswer, { readonly kind: "failure" }>;

/** The thread ended before it answered. */
export class ThreadEnded extends Error {
  override readonly name = "ThreadEnded";
  readonly outOfMemory: boolean;

  constructor(message: string, outOfMemory: boolean) {
    super(message);
    this.outOfMemory = outOfMemory;
  }
}

/** The thread was ended, as its job took too long. */
export class ThreadTimeout extends Error {
  override readonly name = "ThreadTimeout";
}

export interface ThreadLimits {
  /** Bytes of the heap; null = no limit. */
  readonly memory: number | null;
  readonly seconds: number | null;
}

const none: ThreadLimits = { memory: null, seconds: null };

/** Threads that are kept between jobs, one job at a time each, and ended when theirs is aborted. */
export class ThreadPool {
  readonly #largest: number;
  #idle: { readonly worker: Worker; readonly memory: number | null }[] = [];
  readonly #busy = new Set<Worker>();

  /** Up to `idle` threads are kept while there is nothing to do. */
  constructor(idle: number) {
    this.#largest = idle;
  }

  /** Rejects with the signal's reason, a {@link ThreadTimeout}, or {@link ThreadEnded}, when the thread is gone. */
  async run<J extends NativeJob>(job: J, signal: AbortSignal, limits: ThreadLimits = none): Promise<Answers[J["job"]] | Failure> {
    signal.throwIfAborted();
    const worker = this.#take(limits.memory);
    this.#busy.add(worker);
    const timeout = limits.seconds === null ? null : AbortSignal.timeout(1000 * limits.seconds);
    const answer = nextAnswer(worker, timeout === null ? signal : AbortSignal.any([signal, timeout]));
    worker.postMessage(job);
    try {
      const reply = await answer;
      this.#busy.delete(worker);
      this.#idle.push({ worker, memory: limits.memory });
      const [oldest] = this.#idle.length > this.#largest ? this.#idle.splice(0, 1) : [];
      await oldest?.worker.terminate();
      return reply.kind === "failure" ? reply : (reply.value as Answers[J["job"]]);
    } catch (error) {
      this.#busy.delete(worker);
      await worker.terminate();
      signal.throwIfAborted();
      if (timeout?.aborted === true) throw new ThreadTimeout(`ended after ${limits.seconds} s, the time limit of this service`);
      throw error;
    }
  }

  async close(): Promise<void> {
    const workers = [...this.#idle.map(({ worker }) => worker), ...this.#busy];
    this.#idle = [];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #take(memory: number | null): Worker {
    const at = this.#idle.findLastIndex((idle) => idle.memory === memory);
    const [found] = at === -1 ? [] : this.#idle.splice(at, 1);
    if (found !== undefined) return found.worker;
    // The file beside this one has its extension: TypeScript in the sources, JavaScript in a published package.
    return new Worker(new URL(`./native-worker${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: memory === null ? {} : { maxOldGenerationSizeMb: Math.max(1, Math.round(memory / 2 ** 20)) },
    });
  }
}

/** The next message; rejects when the thread ends or the signal aborts. */
function nextAnswer(worker: Worker, signal: AbortSignal): Promise<NativeAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      signal.removeEventListener("abort", onAbort);
      settled();
    };
    const onMessage = (answer: NativeAnswer) => settle(() => resolve(answer));
    const onAbort = () => settle(() => reject(signal.reason));
    const onError = (error: Error & { readonly code?: unknown }) =>
      settle(() => reject(new ThreadEnded(error.message, error.code === "ERR_WORKER_OUT_OF_MEMORY")));
    const onExit = (code: number) =>
      settle(() => reject(new ThreadEnded(`the thread of the native executor ended with code ${code}`, false)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    signal.addEventListener("abort", onAbort);
  });
}
