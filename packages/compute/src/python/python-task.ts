import { rm } from "node:fs/promises";
import { join } from "node:path";
import type {
  ExecutorTask,
  ExecutorVersions,
  NoResult,
  Outcome,
  PreparedTask,
  PreparedUnit,
  UnitOutcome,
  UnitPlace,
} from "../executor.ts";
import { collectKeptFiles, type KeptFile } from "../kept-files.ts";
import { attemptsIn, resultProvenance } from "../provenance/result-provenance.ts";
import type { TaskDirectory } from "../task-directory.ts";
import { crashWithoutResult, noResultOf, TimeLimit, withinLimit } from "./ending.ts";
import { howEnded, type Interpreter, InterpreterCrashed } from "./interpreter.ts";
import { errorText, type InterpreterPool } from "./interpreter-pool.ts";
import type { AttemptStarted, Event, PreparedReply, Reply, UnitReply } from "./wire.ts";

/** Bytes that stdout and stderr of an attempt may have on disk, each. */
const outputLimit = 16 * 1024 * 1024;

/** Why an attempt has no result of its own making. */
interface Ending {
  readonly exception: "InterpreterCrash" | "MemoryLimitExceeded" | "TimeLimitExceeded";
  readonly message: string;
  readonly stderr: string;
}

/** What is known of a unit while it runs. */
interface Progress {
  running: AttemptStarted | null;
  succeeded: boolean;
  attempts: number;
}

/** A Task whose ProtocolDAG an interpreter has made; any other can run its units, from the files. */
export class PythonTask implements PreparedTask {
  readonly kind = "prepared";
  readonly task;
  readonly dagKey: string;
  readonly units: readonly PreparedUnit[];
  readonly finished: ReadonlyMap<string, UnitOutcome>;
  readonly #task: ExecutorTask;
  readonly #prepared: PreparedReply;
  readonly #directory: TaskDirectory;
  readonly #pool: InterpreterPool;
  readonly #onEvent: (text: string) => void;
  readonly #versions: ExecutorVersions;
  #files: readonly KeptFile[] = [];
  /** What makes a result impossible. */
  #broken: NoResult | null = null;

  constructor(parts: {
    readonly task: ExecutorTask;
    readonly prepared: PreparedReply;
    readonly directory: TaskDirectory;
    readonly pool: InterpreterPool;
    readonly versions: ExecutorVersions;
    readonly onEvent: (text: string) => void;
  }) {
    this.#task = parts.task;
    this.#prepared = parts.prepared;
    this.#directory = parts.directory;
    this.#pool = parts.pool;
    this.#versions = parts.versions;
    this.#onEvent = parts.onEvent;
    this.task = parts.task.task;
    this.dagKey = parts.prepared.dag_key;
    this.units = parts.prepared.units.map(({ key, name, qualname, dependencies, hints }) => {
      return { key, name, qualname, dependencies, hints };
    });
    this.finished = new Map(parts.prepared.finished.map((row) => [row.unit, { ...row, seconds: 0 }]));
  }

  async executeUnit(unit: string, place: UnitPlace, signal: AbortSignal): Promise<UnitOutcome> {
    signal.throwIfAborted();
    const start = performance.now();
    const outcome = await this.#execute(unit, place, signal);
    return { ...outcome, unit, seconds: (performance.now() - start) / 1000 };
  }

  async #execute(unit: string, { variables }: UnitPlace, signal: AbortSignal): Promise<Omit<UnitOutcome, "unit" | "seconds">> {
    const { limits, retries, keepScratch } = this.#task;
    const progress: Progress = { running: null, succeeded: false, attempts: 0 };
    const interpreter = await this.#pool.take(variables);
    let restart = () => {};
    const onEvent = (event: Event) => {
      if (event.event === "attempt_started") restart();
      this.#follow(progress, event);
    };
    const request = {
      request: "execute_unit",
      output_dir: this.#output,
      unit,
      shared: this.#prepared.shared,
      scratch: this.#prepared.scratch,
      n_retries: retries,
      keep_scratch: keepScratch,
      memory_limit: limits?.memory ?? null,
      output_limit: outputLimit,
    };
    try {
      const reply = interpreter.request(request, onEvent);
      const done = await withinLimit(reply, interpreter, limits?.seconds ?? null, signal, (start) => {
        restart = start;
      });
      await this.#release(interpreter, done);
      return this.#unitOutcome(done);
    } catch (error) {
      await this.#pool.drop(interpreter);
      const ending = endingOf(error, limits?.memory ?? null);
      if (ending === null) throw error;
      // Its last word was a success, which is on disk.
      if (progress.succeeded) return { ok: true, attempts: progress.attempts, exception: null };
      this.#onEvent(`${ending.message}, in ${unit} of ${this.task}`);
      return this.#afterEnding(unit, progress, ending, signal);
    }
  }

  /** Lets an interpreter write the failure of one that is gone. */
  async #afterEnding(
    unit: string,
    { running }: Progress,
    ending: Ending,
    signal: AbortSignal,
  ): Promise<Omit<UnitOutcome, "unit" | "seconds">> {
    try {
      const reply = await this.#ask(signal, {
        request: "fail_unit",
        output_dir: this.#output,
        unit,
        attempt: running?.attempt ?? null,
        started: running?.time ?? null,
        exception: ending.exception,
        message: ending.message,
        stderr_tail: ending.stderr,
      });
      return this.#unitOutcome(reply);
    } catch (error) {
      if (!(error instanceof InterpreterCrashed)) throw error;
      this.#broken ??= crashWithoutResult(error);
      return { ok: false, attempts: 0, exception: `${ending.exception}: ${ending.message}` };
    }
  }

  async assemble(signal: AbortSignal): Promise<Outcome> {
    let outcome: Outcome;
    try {
      await this.#collect();
      outcome = this.#broken ?? (await this.#result(await this.#ask(signal, { request: "assemble", output_dir: this.#output })));
    } catch (error) {
      if (!(error instanceof InterpreterCrashed)) throw error;
      outcome = crashWithoutResult(error);
    }
    await this.#removeDagDirectories();
    if (outcome.kind === "failure") await this.#directory.remove();
    return outcome;
  }

  /** What is to be kept of the files that will be removed. */
  async #collect(): Promise<void> {
    const { keep } = this.#task;
    if (keep === undefined) return;
    const places = {
      logs: join(this.#output, "logs"),
      shared: this.#prepared.shared,
      into: join(this.#directory.path, "kept"),
    };
    try {
      const { files, leftOut } = await collectKeptFiles(keep, places);
      this.#files = files;
      for (const name of leftOut) this.#onEvent(`${name} of ${this.task} is too large to be kept`);
    } catch (error) {
      this.#onEvent(`files of ${this.task} are not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async abandon({ resumable = false }: { readonly resumable?: boolean } = {}): Promise<void> {
    if (resumable) {
      await this.#directory.leave();
      return;
    }
    await this.#removeDagDirectories();
    await this.#directory.remove();
  }

  get #output(): string {
    return join(this.#directory.path, "out");
  }

  /** One request to any interpreter. */
  async #ask(signal: AbortSignal, request: Readonly<Record<string, unknown>>): Promise<Reply> {
    signal.throwIfAborted();
    const interpreter = await this.#pool.take(null);
    try {
      const reply = await withinLimit(interpreter.request(request), interpreter, null, signal);
      await this.#pool.giveBack(interpreter);
      return reply;
    } catch (error) {
      await this.#pool.drop(interpreter);
      throw error;
    }
  }

  /** An interpreter whose unit has left processes running is not used again: they end with it. */
  async #release(interpreter: Interpreter, reply: Reply): Promise<void> {
    const leftovers = reply.reply === "unit" ? reply.leftovers : 1;
    if (leftovers === 0) {
      await this.#pool.giveBack(interpreter);
      return;
    }
    if (reply.reply === "unit") this.#onEvent(`${reply.unit} has left ${leftovers} processes running; they are ended`);
    await this.#pool.drop(interpreter);
  }

  #unitOutcome(reply: Reply): Omit<UnitOutcome, "unit" | "seconds"> {
    if (reply.reply === "unit") {
      for (const warning of reply.warnings) this.#onEvent(warning);
      return outcomeOf(reply);
    }
    this.#broken ??= noResultOf(reply);
    return { ok: false, attempts: 0, exception: errorText(reply) };
  }

  async #result(reply: Reply): Promise<Outcome> {
    if (reply.reply !== "result") return noResultOf(reply);
    for (const warning of reply.warnings) this.#onEvent(warning);
    return {
      kind: "result",
      key: reply.result_key,
      ok: reply.ok,
      result: { path: reply.file, zstd: true },
      provenance: await resultProvenance(this.#versions, await attemptsIn(join(this.#output, "units"))),
      files: this.#files,
      dispose: () => this.#directory.remove(),
    };
  }

  async #removeDagDirectories(): Promise<void> {
    const { keepShared, keepScratch } = this.#task;
    const { shared, scratch } = this.#prepared;
    for (const [path, keep] of [
      [shared, keepShared],
      [scratch, keepScratch],
    ] as const) {
      if (keep) continue;
      await rm(path, { recursive: true, force: true }).catch((error: unknown) => this.#onEvent(`not removed: ${String(error)}`));
    }
  }

  #follow(progress: Progress, event: Event): void {
    const name = `unit '${event.name ?? event.unit}'`;
    if (event.event === "attempt_started") {
      progress.running = event;
      this.#onEvent(`${name}, attempt ${event.attempt + 1}`);
    } else if (event.event === "attempt_finished") {
      progress.running = null;
      progress.succeeded = event.ok;
      progress.attempts = event.attempt + 1;
      this.#onEvent(`${name} ${event.ok ? "done" : `failed: ${event.exception ?? ""}`} after ${event.seconds} s`);
    }
  }
}

function outcomeOf({ ok, attempts, exception }: UnitReply): Omit<UnitOutcome, "unit" | "seconds"> {
  return { ok, attempts, exception };
}

/** Null for what is not the unit's doing. */
function endingOf(error: unknown, memoryLimit: number | null): Ending | null {
  if (error instanceof TimeLimit)
    return { exception: "TimeLimitExceeded", message: `the attempt was ${error.message}`, stderr: "" };
  if (!(error instanceof InterpreterCrashed)) return null;
  const { crash } = error;
  if (crash.overMemory !== null) {
    const message = `the attempt was ended, as it used ${mebibytes(crash.overMemory)} MiB of memory; the limit of this service is ${mebibytes(memoryLimit ?? 0)} MiB`;
    return { exception: "MemoryLimitExceeded", message, stderr: crash.stderr };
  }
  return { exception: "InterpreterCrash", message: `the Python interpreter ${howEnded(crash)}`, stderr: crash.stderr };
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
