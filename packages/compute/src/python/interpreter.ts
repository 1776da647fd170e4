import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { Ended, Event, Reply } from "./wire.ts";

export interface InterpreterOptions {
  /** Path or name of the Python interpreter. */
  readonly python: string;
  /** Folder that holds the package `alchemiscale_executor`; default: the one of this repository. */
  readonly packages?: string;
  /** Environment variables instead of those of this process, `PYTHONPATH` apart. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Beside those. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Each line that is written to stdout and stderr outside of units; those of units have files of their own. */
  readonly onOutput?: (line: string) => void;
}

/** How an interpreter ended without being asked to. */
export interface Crash {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Bytes that its processes used together, where it was ended for using more than allowed. */
  readonly overMemory: number | null;
  /** Last lines of stderr, as far as they were written outside of a unit. */
  readonly stderr: string;
}

/** The interpreter ended before it replied. */
export class InterpreterCrashed extends Error {
  override readonly name = "InterpreterCrashed";
  readonly crash: Crash;

  constructor(crash: Crash) {
    super(`the Python interpreter ${howEnded(crash)}`);
    this.crash = crash;
  }
}

/** What comes after "the interpreter …". */
export function howEnded({ exitCode, signal }: Crash): string {
  if (signal === "SIGKILL") return "was ended by SIGKILL, as the kernel does when memory runs out";
  if (signal !== null) return `was ended by ${signal}`;
  return exitCode === null ? "ended without a word" : `exited with code ${exitCode}`;
}

const stderrLines = 100;
const stderrLength = 64 * 1024;
/** ms that the guard has for ending all processes of a Task. */
const guardPatience = 3000;
const repositoryPackages = fileURLToPath(new URL("../../../../python/", import.meta.url));

/**
 * A running `python -m alchemiscale_executor` with the guard above it, in a process group and a working directory of its own. It speaks over
 * pipes besides the standard ones, which belong to the Protocols. The guard ends it and all that it has started when the pipe `life`
 * ends, so also when this process dies.
 */
export class Interpreter {
  readonly #process: ChildProcess;
  readonly #requests: Writable;
  readonly #life: Writable;
  readonly #ended: Promise<Crash>;
  readonly #onOutput: (line: string) => void;
  #stderr: string[] = [];
  #lastWord: Ended | null = null;
  #gone = false;
  #pending: { id: number; onEvent: (event: Event) => void; resolve: (reply: Reply) => void } | null = null;
  #lastId = 0;

  private constructor(process: ChildProcess, directory: string, onOutput: (line: string) => void) {
    this.#process = process;
    this.#onOutput = onOutput;
    const [, stdout, stderr, requests, replies, life]: readonly unknown[] = process.stdio;
    if (
      !(
        stdout instanceof Readable &&
        stderr instanceof Readable &&
        requests instanceof Writable &&
        replies instanceof Readable &&
        life instanceof Writable
      )
    ) {
      throw new Error("the pipes of the interpreter are missing");
    }
    this.#requests = requests;
    this.#life = life;
    // Writing to a process that is gone is answered by its end, which everybody waits for anyway.
    requests.on("error", () => {});
    life.on("error", () => {});
    const output = new LineBuffer(onOutput);
    const errors = new LineBuffer((line) => this.#keep(line));
    stdout.on("data", (chunk: Buffer) => output.push(chunk));
    stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    createInterface(replies).on("line", (line) => this.#receive(line));
    // What has escaped its guard would keep the pipes open.
    process.once("exit", () => killGroup(process.pid));
    // "close" and not "exit": by then all lines have been read.
    this.#ended = once(process, "close").then(async ([exitCode, signal]) => {
      this.#gone = true;
      errors.end();
      await rm(directory, { recursive: true, force: true });
      const last = this.#lastWord;
      return {
        exitCode: last === null ? exitCode : last.exit_code,
        signal: last === null ? signal : last.signal,
        overMemory: last?.reason === "memory_limit" ? (last.used ?? 0) : null,
        stderr: this.#stderr.join("\n").slice(-stderrLength),
      };
    });
  }

  /** @throws {ExecutorUnavailable} when there is no such program. */
  static async start(options: InterpreterOptions): Promise<Interpreter> {
    const packages = options.packages ?? repositoryPackages;
    const inherited = process.env.PYTHONPATH;
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-python-"));
    const fds = ["--requests-fd", "3", "--events-fd", "4", "--life-fd", "5"];
    const child = spawn(options.python, ["-P", "-m", "alchemiscale_executor", ...fds], {
      cwd: directory,
      detached: true,
      env: {
        ...(options.environment ?? process.env),
        ...options.variables,
        PYTHONPATH: inherited ? `${packages}${delimiter}${inherited}` : packages,
      },
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
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

  /** False when it has ended, by itself or not. */
  get alive(): boolean {
    return !this.#gone && this.#process.exitCode === null && this.#process.signalCode === null;
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
    this.#life.end();
    // A guard that does not come to it (stopped, for instance) is killed; the kernel then ends the interpreter.
    const kill = setTimeout(() => killGroup(this.#process.pid), guardPatience);
    await this.#ended;
    clearTimeout(kill);
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
    let message: { id?: unknown; reply?: unknown; event?: unknown };
    try {
      message = JSON.parse(line);
    } catch {
      // Cut off by the end of the interpreter; the guard's word follows.
      return;
    }
    if (message.event === "ended") {
      this.#lastWord = message as Ended;
      return;
    }
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
