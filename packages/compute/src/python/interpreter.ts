import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import type { Event, Reply } from "./wire.ts";

export interface InterpreterOptions {
  /** Path or name of the Python interpreter. */
  readonly python: string;
  /** Folder that holds the package `alchemiscale_executor`; default: the one of this repository. */
  readonly packages?: string;
  /** Each line that Protocols write to stdout and stderr. */
  readonly onOutput?: (line: string) => void;
}

/** How an interpreter ended without being asked to. */
export interface Crash {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last lines of stderr. */
  readonly stderr: string;
}

/** The interpreter ended before it replied. */
export class InterpreterCrashed extends Error {
  override readonly name = "InterpreterCrashed";
  readonly crash: Crash;

  constructor(crash: Crash) {
    super(
      `the Python interpreter ${crash.signal === null ? `exited with code ${crash.exitCode}` : `was ended by ${crash.signal}`}`,
    );
    this.crash = crash;
  }
}

const stderrLines = 100;
const stderrLength = 64 * 1024;
const repositoryPackages = fileURLToPath(new URL("../../../../python/", import.meta.url));

/**
 * A running `python -m alchemiscale_executor`, in a process group and a working directory of its own. It speaks over two pipes besides
 * the standard ones, which belong to the Protocols; it ends when its pipe of requests does, so also when this process dies.
 */
export class Interpreter {
  readonly #process: ChildProcess;
  readonly #requests: Writable;
  readonly #ended: Promise<Crash>;
  readonly #onOutput: (line: string) => void;
  #stderr: string[] = [];
  #pending: { id: number; onEvent: (event: Event) => void; resolve: (reply: Reply) => void } | null = null;
  #lastId = 0;

  private constructor(process: ChildProcess, directory: string, onOutput: (line: string) => void) {
    this.#process = process;
    this.#onOutput = onOutput;
    const [, stdout, stderr, requests, replies] = process.stdio;
    if (
      !(stdout instanceof Readable && stderr instanceof Readable && requests instanceof Writable && replies instanceof Readable)
    ) {
      throw new Error("the pipes of the interpreter are missing");
    }
    this.#requests = requests;
    // Writing to a process that is gone is answered by its end, which everybody waits for anyway.
    requests.on("error", () => {});
    createInterface(stdout).on("line", onOutput);
    createInterface(stderr).on("line", (line) => this.#keep(line));
    createInterface(replies).on("line", (line) => this.#receive(line));
    // What a Protocol has started may outlive a crashed interpreter, and would keep its pipes open.
    process.once("exit", () => killGroup(process.pid));
    // "close" and not "exit": by then all lines have been read.
    this.#ended = once(process, "close").then(async ([exitCode, signal]) => {
      await rm(directory, { recursive: true, force: true });
      return { exitCode, signal, stderr: this.#stderr.join("\n").slice(-stderrLength) };
    });
  }

  /** @throws {ExecutorUnavailable} when there is no such program. */
  static async start(options: InterpreterOptions): Promise<Interpreter> {
    const packages = options.packages ?? repositoryPackages;
    const inherited = process.env.PYTHONPATH;
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-python-"));
    const child = spawn(options.python, ["-P", "-m", "alchemiscale_executor", "--requests-fd", "3", "--events-fd", "4"], {
      cwd: directory,
      detached: true,
      env: { ...process.env, PYTHONPATH: inherited ? `${packages}${delimiter}${inherited}` : packages },
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    });
    try {
      await once(child, "spawn");
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw new ExecutorUnavailable(
        `${options.python} cannot be started: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return new Interpreter(child, directory, options.onOutput ?? (() => {}));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * One request and its reply; one at a time.
   * @throws {InterpreterCrashed}
   */
  async request(content: Readonly<Record<string, unknown>>, onEvent: (event: Event) => void = () => {}): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#pending = { id, onEvent, resolve };
    this.#requests.write(`${JSON.stringify({ id, ...content })}\n`);
    const crashed = this.#ended.then((crash) => {
      throw new InterpreterCrashed(crash);
    });
    try {
      return await Promise.race([promise, crashed]);
    } finally {
      this.#pending = null;
      crashed.catch(() => {});
    }
  }

  /** Ends the interpreter and all that its Protocols have started, at once. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) killGroup(pid);
    await this.#ended;
  }

  /** Lets an idle interpreter end by itself. */
  async close(): Promise<void> {
    this.#requests.end();
    const kill = setTimeout(() => void this.kill(), 2000);
    await this.#ended;
    clearTimeout(kill);
  }

  #keep(line: string): void {
    this.#stderr.push(line);
    if (this.#stderr.length > stderrLines) this.#stderr = this.#stderr.slice(-stderrLines);
    this.#onOutput(line);
  }

  #receive(line: string): void {
    const message: { id?: unknown; reply?: unknown } = JSON.parse(line);
    const pending = this.#pending;
    if (pending === null || message.id !== pending.id) return;
    if (message.reply === undefined) pending.onEvent(message as Event);
    else pending.resolve(message as Reply);
  }
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // There is nobody left in it.
  }
}
