/** Threads for work that would hold the event loop: slicing large networks, and unpacking results. */
import { type ResourceLimits, type Transferable, Worker } from "node:worker_threads";
import { HttpError } from "./transport/http-error.ts";
import type { WorkerTasks } from "./worker-tasks.ts";

/** From the main thread to a worker. */
export interface WorkerRequest {
  readonly id: number;
  readonly task: keyof WorkerTasks;
  readonly input: unknown;
}

/** Back. An HttpError keeps its status and detail; any other error its message and stack. */
export type WorkerReply = { readonly id: number } & (
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly status: number; readonly detail: unknown }
  | { readonly ok: false; readonly status: null; readonly message: string; readonly stack: string | undefined }
);

interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, { readonly resolve: (output: unknown) => void; readonly reject: (error: unknown) => void }>;
  idle: NodeJS.Timeout | undefined;
}

/** To start one takes a tenth of a second; one that waits holds some 30 MiB. */
const idleMilliseconds = 1_000;

/**
 * At most `size` threads, started when they are first needed and ended after a second without work. A thread takes on any number of
 * pieces of work at a time: a result whose sender is slow keeps nobody else waiting.
 */
export class WorkerThreads {
  readonly #size: number;
  readonly #resourceLimits: ResourceLimits;
  readonly #threads: Thread[] = [];
  #lastId = 0;
  #closed = false;

  /** @param resourceLimits a thread that goes beyond them ends, and its work fails; without them it would take the process with it */
  constructor(size = 2, resourceLimits: ResourceLimits = {}) {
    this.#size = size;
    this.#resourceLimits = resourceLimits;
  }

  /** @throws {HttpError} where the work found fault with its input */
  async run<Name extends keyof WorkerTasks>(
    task: Name,
    input: Parameters<WorkerTasks[Name]>[0],
    transfer: readonly Transferable[] = [],
  ): Promise<Awaited<ReturnType<WorkerTasks[Name]>>> {
    if (this.#closed) throw new Error("the server is closing");
    const thread = this.#leastBusy();
    clearTimeout(thread.idle);
    thread.worker.ref();
    this.#lastId += 1;
    const request: WorkerRequest = { id: this.#lastId, task, input };
    const output = new Promise((resolve, reject) => thread.pending.set(request.id, { resolve, reject }));
    thread.worker.postMessage(request, transfer);
    return (await output) as Awaited<ReturnType<WorkerTasks[Name]>>;
  }

  /** Ends the threads; work in progress fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #leastBusy(): Thread {
    let best: Thread | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.pending.size < best.pending.size) best = thread;
    if (best === undefined || (best.pending.size > 0 && this.#threads.length < this.#size)) best = this.#start();
    return best;
  }

  #start(): Thread {
    const worker = new Worker(new URL("./worker-main.ts", import.meta.url), {
      name: "server work",
      resourceLimits: this.#resourceLimits,
    });
    const thread: Thread = { worker, pending: new Map(), idle: undefined };
    let failure: unknown = new Error("a worker thread ended in the middle of its work");
    worker.on("message", (reply: WorkerReply) => this.#settle(thread, reply));
    worker.on("error", (error) => {
      failure = error;
    });
    worker.once("exit", () => {
      clearTimeout(thread.idle);
      this.#forget(thread);
      for (const { reject } of thread.pending.values()) reject(failure);
    });
    this.#threads.push(thread);
    return thread;
  }

  #forget(thread: Thread): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
  }

  #settle(thread: Thread, reply: WorkerReply): void {
    const waiting = thread.pending.get(reply.id);
    thread.pending.delete(reply.id);
    if (thread.pending.size === 0) {
      thread.worker.unref();
      thread.idle = setTimeout(() => {
        // Out of the list first: nobody may be given a thread that is about to end.
        this.#forget(thread);
        void thread.worker.terminate();
      }, idleMilliseconds).unref();
    }
    if (reply.ok) waiting?.resolve(reply.output);
    else if (reply.status !== null) waiting?.reject(new HttpError(reply.status, reply.detail));
    else waiting?.reject(Object.assign(new Error(reply.message), reply.stack === undefined ? {} : { stack: reply.stack }));
  }
}
