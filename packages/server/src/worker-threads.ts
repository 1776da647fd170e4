/** Threads for work that would hold the event loop: slicing large networks, and unpacking results. */
import { type Transferable, Worker } from "node:worker_threads";
import { HttpError } from "./transport/http-error.ts";
import type { WorkerTasks } from "./worker-tasks.ts";

/** From the main thread to a worker. */
export interface WorkerRequest {
  readonly task: keyof WorkerTasks;
  readonly input: unknown;
}

/** Back. An HttpError keeps its status and detail; any other error its message and stack. */
export type WorkerReply =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly status: number; readonly detail: unknown }
  | { readonly ok: false; readonly status: null; readonly message: string; readonly stack: string | undefined };

const idleMilliseconds = 60_000;

/**
 * At most `size` threads, each with one piece of work at a time; more work waits for its turn. Threads are started when they are
 * first needed and end after a minute without work.
 */
export class WorkerThreads {
  readonly #size: number;
  readonly #idle: { worker: Worker; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: ((worker: Worker | null) => void)[] = [];
  #running = 0;
  #closed = false;

  constructor(size = 2) {
    this.#size = size;
  }

  /** @throws {HttpError} where the work found fault with its input */
  async run<Name extends keyof WorkerTasks>(
    task: Name,
    input: Parameters<WorkerTasks[Name]>[0],
    transfer: readonly Transferable[] = [],
  ): Promise<Awaited<ReturnType<WorkerTasks[Name]>>> {
    const worker = await this.#take();
    let broken = true;
    try {
      const reply = await exchange(worker, { task, input }, transfer);
      broken = false;
      if (reply.ok) return reply.output as Awaited<ReturnType<WorkerTasks[Name]>>;
      if (reply.status !== null) throw new HttpError(reply.status, reply.detail);
      const error = new Error(reply.message);
      if (reply.stack !== undefined) error.stack = reply.stack;
      throw error;
    } finally {
      this.#giveBack(worker, broken);
    }
  }

  /** Ends the threads; work in progress fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#idle) clearTimeout(timer);
    await Promise.all(this.#idle.splice(0).map(({ worker }) => worker.terminate()));
  }

  async #take(): Promise<Worker> {
    if (this.#closed) throw new Error("the server is closing");
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      idle.worker.ref();
      return idle.worker;
    }
    if (this.#running < this.#size) {
      this.#running += 1;
      return start();
    }
    // Null where the thread that was waited for broke: its place is taken by a new one.
    return (await new Promise<Worker | null>((resolve) => this.#waiting.push(resolve))) ?? start();
  }

  #giveBack(worker: Worker, broken: boolean): void {
    if (broken || this.#closed) void worker.terminate();
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(broken ? null : worker);
    } else if (broken || this.#closed) {
      this.#running -= 1;
    } else {
      worker.unref();
      const timer = setTimeout(() => this.#end(worker), idleMilliseconds).unref();
      this.#idle.push({ worker, timer });
    }
  }

  #end(worker: Worker): void {
    const at = this.#idle.findIndex((idle) => idle.worker === worker);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#running -= 1;
    void worker.terminate();
  }
}

function start(): Worker {
  const worker = new Worker(new URL("./worker-main.ts", import.meta.url));
  // An idle thread that dies must not take the process with it; one at work is listened to by its exchange.
  worker.on("error", () => {});
  return worker;
}

function exchange(worker: Worker, request: WorkerRequest, transfer: readonly Transferable[]): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      finish();
    };
    const onMessage = (reply: WorkerReply) => settle(() => resolve(reply));
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = () => settle(() => reject(new Error("a worker thread ended in the middle of its work")));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(request, transfer);
  });
}
