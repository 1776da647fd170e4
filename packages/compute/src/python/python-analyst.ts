import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { withinLimit } from "./ending.ts";
import { FileCache } from "./file-cache.ts";
import { findInterpreter } from "./find-interpreter.ts";
import { type Interpreter, InterpreterCrashed, type InterpreterOptions } from "./interpreter.ts";
import { errorText, startInterpreter } from "./interpreter-pool.ts";
import type { EnergyReply, ErrorReply, Reply } from "./wire.ts";

export interface PythonAnalystOptions extends Omit<InterpreterOptions, "python" | "variables" | "environment"> {
  /** Path or name of the interpreter, or the directory of an environment. */
  readonly python: string;
  /** Seconds without a request after which the interpreter ends; default 300. The next request starts another one. */
  readonly idleSeconds?: number;
  /** Seconds that one request may take; default 600. */
  readonly requestSeconds?: number;
  /** Bytes of memory that one request may use; default 4 GiB. */
  readonly memoryLimit?: number;
  /** Bytes of files that are kept between requests; default 2 GiB. */
  readonly keptBytes?: number;
  /** Starts and oddities, for a log. */
  readonly onEvent?: (text: string) => void;
}

/** Something that the interpreter needs as a file. The same name is the same content for ever. */
export interface NeededFile {
  readonly name: string;
  open(): Promise<AsyncIterable<Uint8Array> | string>;
}

export interface GatherRequest {
  readonly protocol: NeededFile;
  /** ProtocolDAGResults that are ok. */
  readonly results: readonly NeededFile[];
}

/** What a Protocol's `gather` gives. */
export interface Gathered {
  /** kcal/mol; null where there is none, or it is no energy. */
  readonly estimate: number | null;
  readonly uncertainty: number | null;
  /** What is wrong with it, for people. */
  readonly problems: readonly string[];
  /** Holds the ProtocolResult, for `propose`; null where it has no JSON form. */
  readonly result: NeededFile | null;
}

export interface ProposeRequest {
  readonly strategy: NeededFile;
  readonly network: NeededFile;
  /** What was gathered, by key of the Transformation as the network has it; the others have no results. */
  readonly results: ReadonlyMap<string, NeededFile>;
}

/** What was asked of Python came to nothing: `name` is the class of the exception, `stack` its traceback. */
export class PythonFailure extends Error {
  /** As in docs/python-executor.md. */
  readonly kind: string;

  constructor({ kind, exception, message, traceback }: Pick<ErrorReply, "kind" | "exception" | "message" | "traceback">) {
    super(message);
    this.name = exception ?? "PythonFailure";
    this.kind = kind;
    if (traceback !== undefined) this.stack = traceback;
  }
}

const mostGathered = 10_000;
/** For importing gufe. */
const startMs = 120_000;
/** No secret of this process is for what runs there. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|TZ|TMPDIR|LC_.*|LD_LIBRARY_PATH|XDG_.*|.*_NUM_THREADS|OE_LICENSE)$/;

/**
 * Asks the Python classes of Protocols and strategies, in one interpreter, one request after another. The interpreter starts with the first request, is kept warm,
 * and ends when nobody has asked for a while. What is written to files for it stays, so that everything is fetched once. (docs/python-executor.md)
 */
export class PythonAnalyst {
  readonly #options: PythonAnalystOptions;
  #interpreter: Interpreter | undefined;
  #directory: string | undefined;
  #files: FileCache | undefined;
  readonly #gathered = new Map<string, Gathered>();
  #idle: NodeJS.Timeout | undefined;
  /** The end of the last request. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(options: PythonAnalystOptions) {
    this.#options = options;
  }

  /**
   * The estimate that a Protocol's own `gather` makes of results. The same results are gathered once.
   * @throws {PythonFailure} for what the Protocol raised, or where the interpreter was ended; {@link ExecutorUnavailable} where it does not start
   */
  gather({ protocol, results }: GatherRequest, signal?: AbortSignal): Promise<Gathered> {
    const name = JSON.stringify([protocol.name, results.map((result) => result.name).sort()]);
    return this.#inTurn(signal, async (files, ask) => {
      const known = this.#gathered.get(name);
      if (known !== undefined && (known.result === null || files.has(name))) return known;
      const paths = { protocol: await fetched(files, protocol), results: [] as string[] };
      for (const result of results) paths.results.push(await fetched(files, result));
      const reply = await ask({ request: "gather", ...paths, output: files.pathOf(name) });
      if (reply.reply !== "gathered") throw failureOf(reply);
      const { estimate, uncertainty, problems, file } = reply;
      if (file !== null) await files.add(name);
      const result: NeededFile | null =
        file === null
          ? null
          : {
              name,
              open: () => Promise.reject(new Error("what was gathered is gone; gather it again")),
            };
      const found = { estimate: energyOf(estimate), uncertainty: energyOf(uncertainty), problems, result };
      this.#remember(name, found);
      return found;
    });
  }

  /**
   * Raw weights of a strategy by the keys of Transformations that the network has; null: never again.
   * @throws what `gather` throws
   */
  propose({ strategy, network, results }: ProposeRequest, signal?: AbortSignal): Promise<ReadonlyMap<string, number | null>> {
    return this.#inTurn(signal, async (files, ask) => {
      const paths: Record<string, string> = {};
      for (const [key, result] of results) paths[key] = await fetched(files, result);
      const request = { strategy: await fetched(files, strategy), network: await fetched(files, network), results: paths };
      const reply = await ask({ request: "propose", ...request });
      if (reply.reply !== "proposed") throw failureOf(reply);
      return new Map(Object.entries(reply.weights));
    });
  }

  /** Ends a request in progress, the interpreter, and removes all files. */
  async close(): Promise<void> {
    this.#closing.abort(new ExecutorUnavailable("the Python interpreter is closed"));
    await this.#last;
    clearTimeout(this.#idle);
    await this.#interpreter?.close();
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }

  /** One after another, since an interpreter does one thing at a time. */
  #inTurn<T>(
    given: AbortSignal | undefined,
    work: (files: FileCache, ask: (request: Readonly<Record<string, unknown>>) => Promise<Reply>) => Promise<T>,
  ): Promise<T> {
    const signal = given === undefined ? this.#closing.signal : AbortSignal.any([given, this.#closing.signal]);
    const turn = this.#last.then(async () => {
      signal.throwIfAborted();
      clearTimeout(this.#idle);
      const files = await this.#cache();
      try {
        return await work(files, (request) => this.#ask(request, signal));
      } finally {
        await files.trim();
        this.#restLater();
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #cache(): Promise<FileCache> {
    this.#directory ??= await mkdtemp(join(tmpdir(), "alchemiscale-analyst-"));
    this.#files ??= new FileCache(this.#directory, this.#options.keptBytes ?? 2 * 1024 ** 3);
    return this.#files;
  }

  async #ask(request: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Reply> {
    const interpreter = await this.#warm(signal);
    const seconds = this.#options.requestSeconds ?? 600;
    const content = { ...request, memory_limit: this.#options.memoryLimit ?? 4 * 1024 ** 3 };
    try {
      const reply = await withinLimit(interpreter.request(content), interpreter, seconds, signal);
      if ("leftovers" in reply && reply.leftovers > 0) await this.#drop();
      return reply;
    } catch (error) {
      await this.#drop();
      if (!(error instanceof InterpreterCrashed)) throw error;
      const { message, crash } = error;
      const used = crash.overMemory;
      const text = used === null ? message : `the Python interpreter was ended because it used ${used} bytes of memory`;
      const traceback = `${text}\n${crash.stderr}`;
      throw new PythonFailure({ kind: "crash", exception: "InterpreterCrash", message: text, traceback });
    }
  }

  async #warm(signal: AbortSignal): Promise<Interpreter> {
    if (this.#interpreter?.alive === true) return this.#interpreter;
    const { idleSeconds, requestSeconds, memoryLimit, keptBytes, onEvent, python: given, ...options } = this.#options;
    const { python, variables } = await findInterpreter(given);
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
    const { interpreter, hello } = await startInterpreter(
      { ...options, python, variables, environment },
      AbortSignal.any([signal, AbortSignal.timeout(startMs)]),
    );
    onEvent?.(`Python ${hello.python} (${hello.executable}), gufe ${hello.gufe}`);
    this.#interpreter = interpreter;
    return interpreter;
  }

  async #drop(): Promise<void> {
    const interpreter = this.#interpreter;
    this.#interpreter = undefined;
    await interpreter?.kill();
  }

  #restLater(): void {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(
      () => {
        const interpreter = this.#interpreter;
        this.#interpreter = undefined;
        void interpreter?.close();
      },
      1000 * (this.#options.idleSeconds ?? 300),
    ).unref();
  }

  #remember(name: string, found: Gathered): void {
    this.#gathered.delete(name);
    this.#gathered.set(name, found);
    const [oldest] = this.#gathered.keys();
    if (this.#gathered.size > mostGathered && oldest !== undefined) this.#gathered.delete(oldest);
  }
}

function fetched(files: FileCache, { name, open }: NeededFile): Promise<string> {
  return files.obtain(name, async (path) => writeFile(path, await open()));
}

function energyOf(reply: EnergyReply | null): number | null {
  return reply?.kcal_per_mol ?? null;
}

function failureOf(reply: Reply): PythonFailure {
  return reply.reply === "error" ? new PythonFailure(reply) : new PythonFailure({ kind: "internal", message: errorText(reply) });
}
