import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ScopedKey } from "@alchemiscale/contract";
import type { ExecutorTask, Outcome, TaskExecutor } from "../executor.ts";
import { harmonicProtocol } from "./harmonic-input.ts";
import type { NativeReply } from "./native-worker.ts";
import type { NativeTask } from "./run-native-task.ts";

export interface NativeExecutorOptions {
  /** Seed text for a Task whose settings have none, of the characters `0-9 a-z A-Z . _ -`; default: a random one. */
  readonly seedOf?: (task: ScopedKey) => string | null;
}

/** Runs the native protocol in a thread that is kept between Tasks, and ended when a Task is aborted. */
export function createNativeExecutor(options: NativeExecutorOptions = {}): TaskExecutor {
  let worker: Worker | null = null;

  const drop = async () => {
    const dropped = worker;
    worker = null;
    await dropped?.terminate();
  };

  return {
    name: "native",
    protocols: [harmonicProtocol],

    async execute(task, signal) {
      signal.throwIfAborted();
      worker ??= startWorker();
      const reply = nextReply(worker, signal);
      worker.postMessage(nativeTask(task, options));
      try {
        return outcomeOf(await reply);
      } catch (error) {
        await drop();
        signal.throwIfAborted();
        // The thread itself died, for instance of memory: the Task's fault as far as can be told.
        const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
        return { kind: "failure", exception: `${name}: ${message}`, traceback: stack ?? message };
      }
    },

    close: drop,
  };
}

function startWorker(): Worker {
  // The file beside this one has its extension: TypeScript in the sources, JavaScript in a published package.
  return new Worker(new URL(`./native-worker${extname(import.meta.url)}`, import.meta.url));
}

/** The next message; rejects when the thread ends or the signal aborts. */
async function nextReply(worker: Worker, signal: AbortSignal): Promise<NativeReply> {
  const settled = new AbortController();
  const either = { signal: AbortSignal.any([signal, settled.signal]) };
  const exit = once(worker, "exit", either).then(([code]) => {
    throw new Error(`the thread of the native executor ended with code ${code}`);
  });
  try {
    const [reply] = await Promise.race([once(worker, "message", either), exit]);
    return reply;
  } finally {
    settled.abort();
    exit.catch(() => {});
  }
}

function nativeTask(task: ExecutorTask, options: NativeExecutorOptions): NativeTask {
  return {
    name: task.task,
    transformation: task.transformation,
    extended: task.extended,
    retries: task.retries,
    seed: options.seedOf?.(task.task) ?? null,
  };
}

function outcomeOf(reply: NativeReply): Outcome {
  if (reply.kind === "failure") return reply;
  return {
    kind: "result",
    key: reply.key,
    ok: reply.ok,
    result: { bytes: new TextEncoder().encode(reply.chain) },
    dispose: async () => {},
  };
}
