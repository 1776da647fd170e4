/** The embedded engine: one writing thread and a few reading ones on a file. */
import { chmodSync, closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { makeDurableDirectory } from "../../durable-directory.ts";
import { deserializeError, StateStoreUnavailable } from "../../errors.ts";
import type { Instant } from "../../state-store.ts";
import { ChangeListeners, mayBeSeen } from "../change-listeners.ts";
import type { Engine, OperationCall } from "../engine.ts";
import { shrinkFile } from "./shrink-file.ts";
import type { WorkerData, WorkerReply, WorkerRequest } from "./sqlite-worker.ts";
import { watchFile } from "./watch-file.ts";

/** As a published package the sources are JavaScript; a URL in a text is not rewritten. */
const workerUrl = new URL(import.meta.url.endsWith(".ts") ? "./sqlite-worker.ts" : "./sqlite-worker.js", import.meta.url);

/** How long a read waits for others, in milliseconds, before another thread is started: that costs a hundred, and 25 MiB. Most reads take less than one. */
const patienceMs = 10;

/**
 * Opens (creates, migrates) a file. Directories that must be made get mode 700, the file 600.
 * Readers are started when they are first needed.
 * @throws {IncompatibleDatabase} {@link StateStoreUnavailable}
 */
export async function openSqliteEngine(
  file: string,
  options: { clock: () => Instant; readers: number; onBackup: (file: string) => void; migrations: string | null },
): Promise<Engine> {
  prepareFile(file);
  let writer = new Thread(file, "write", options.clock(), options.migrations);
  try {
    const backup = await writer.ready;
    if (typeof backup === "string") options.onBackup(backup);
  } catch (error) {
    await writer.close();
    throw error;
  }
  let readers: Thread[] = [];
  let ended: Promise<unknown> = Promise.resolve();
  let closed = false;

  // A thread that has ended (no memory was left, say) takes what it was asked with it, uncommitted, and nothing more: another one follows it.
  const livingWriter = (): Thread => {
    if (writer.isOver) writer = new Thread(file, "write", options.clock(), options.migrations);
    return writer;
  };
  const reader = (): Thread => {
    readers = readers.filter((thread) => !thread.isOver);
    const idle = readers.find((thread) => thread.load === 0);
    if (idle !== undefined) return idle;
    if (readers.length < options.readers && readers.every((thread) => thread.delay > patienceMs)) {
      const thread = new Thread(file, "read", options.clock(), null);
      readers.push(thread);
      return thread;
    }
    return readers.reduce((least, thread) => (thread.load < least.load ? thread : least), readers[0] ?? livingWriter());
  };

  const latest = () => reader().run({ domain: "events", method: "latest", mode: "follow", args: [] }, options.clock());
  const changes: ChangeListeners = new ChangeListeners(() => watchFile(latest as () => Promise<number>, () => changes.tell()));

  return {
    description: `SQLite ${file}`,
    run(call) {
      if (closed) return Promise.reject(new StateStoreUnavailable("the state store was closed"));
      if (call.mode !== "write") return reader().run(call, options.clock());
      const written = livingWriter().run(call, options.clock());
      return mayBeSeen(call) ? written.finally(() => changes.tell()) : written;
    },
    watch: (listener) => changes.add(listener),
    shrink: async () => shrinkFile(file),
    rest() {
      if (closed) return;
      // Those that were only needed in a rush end when they have answered.
      for (const thread of readers.splice(1)) ended = Promise.all([ended, thread.close()]);
      for (const thread of [writer, ...readers]) thread.rest();
    },
    async close() {
      closed = true;
      changes.close();
      await Promise.all([ended, ...[writer, ...readers].map((thread) => thread.close())]);
    },
  };
}

function prepareFile(file: string): void {
  try {
    makeDurableDirectory(dirname(file));
    // SQLite gives its side files the mode of the file.
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    throw new StateStoreUnavailable(
      `the database file ${file} cannot be opened: ${error instanceof Error ? error.message : error}`,
      {
        file,
      },
    );
  }
}

interface Pending {
  readonly since: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Thread {
  /** Of the writer: the backup that was taken before a migration, or null. */
  readonly ready: Promise<unknown>;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #last = 0;
  /** Why it answers no more. */
  #over: Error | null = null;

  constructor(file: string, mode: "read" | "write", now: Instant, migrations: string | null) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(workerUrl, {
      workerData: { file, mode, now, migrations, port: port2 } satisfies WorkerData,
      transferList: [port2],
      name: `statestore ${mode}`,
    });
    this.ready = new Promise((resolve, reject) => this.#pending.set(0, { since: performance.now(), resolve, reject }));
    // Whoever waits for a reply hears of a failed start; nobody else has to.
    this.ready.catch(() => {});
    const take = (reply: WorkerReply): void => {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if ("error" in reply) {
        const error = deserializeError(reply.error);
        if (reply.id === 0) this.#fail(error);
        pending?.reject(error);
      } else pending?.resolve(reply.value);
    };
    port1.on("message", take);
    this.#ended = new Promise((resolve) => {
      this.#worker.on("error", (error) =>
        this.#fail(
          new StateStoreUnavailable(`a thread of the state store failed: ${error instanceof Error ? error.message : error}`),
        ),
      );
      this.#worker.on("exit", () => {
        // Its last words may still be on their way: what failed there is to be known here.
        for (let left = receiveMessageOnPort(port1); left !== undefined; left = receiveMessageOnPort(port1)) take(left.message);
        this.#fail(new StateStoreUnavailable("a thread of the state store has ended"));
        port1.close();
        resolve();
      });
    });
  }

  get isOver(): boolean {
    return this.#over !== null;
  }

  get load(): number {
    return this.#pending.size;
  }

  /** Since when, in milliseconds, it has had the oldest call that it has not answered; 0 where there is none, or it has yet to start. */
  get delay(): number {
    const [first] = this.#pending;
    return first === undefined || first[0] === 0 ? 0 : performance.now() - first[1].since;
  }

  run(call: OperationCall, now: Instant): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#last += 1;
      this.#pending.set(this.#last, { since: performance.now(), resolve, reject });
      const { domain, method, args } = call;
      this.#port.postMessage({ id: this.#last, domain, method, args, now } satisfies WorkerRequest);
    });
  }

  rest(): void {
    this.#port.postMessage("rest" satisfies WorkerRequest);
  }

  async close(): Promise<void> {
    this.#port.postMessage(null satisfies WorkerRequest);
    await this.#ended;
  }

  #fail(error: Error): void {
    this.#over ??= error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
