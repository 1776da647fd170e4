import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ExecutorTask, Outcome, TaskExecutor } from "../executor.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { Interpreter, InterpreterCrashed, type InterpreterOptions } from "./interpreter.ts";
import { type DagCreated, type Event, type Reply, type UnitStarted, wireVersion } from "./wire.ts";

export interface PythonExecutorOptions extends InterpreterOptions {
  /** Modules to look for Protocols in, besides those of openfe, feflow and this project. */
  readonly modules?: readonly string[];
  /** Progress and oddities, for a log. */
  readonly onEvent?: (text: string) => void;
}

/** What is known of a running Task if the interpreter dies. */
interface Progress {
  dag: DagCreated | null;
  running: UnitStarted | null;
}

/**
 * Runs Protocols in an interpreter of the user's own environment, kept warm between Tasks and replaced when it crashes or a Task is
 * aborted (docs/python-executor.md).
 * @throws {ExecutorUnavailable} when the interpreter does not start, or has no gufe.
 */
export async function createPythonExecutor(options: PythonExecutorOptions): Promise<TaskExecutor> {
  let interpreter: Interpreter | null = await startInterpreter(options);
  const onEvent = options.onEvent ?? (() => {});
  const listed = await interpreter.request({ request: "list_protocols", modules: options.modules ?? [] });
  if (listed.reply !== "list_protocols")
    throw new ExecutorUnavailable(`${options.python} lists no Protocols: ${errorText(listed)}`);
  for (const [module, reason] of Object.entries(listed.not_imported)) onEvent(`${module} is not imported: ${reason}`);
  const protocols = [...new Set(listed.protocols.map(({ qualname }) => qualname))];

  const running = async () => {
    interpreter ??= await startInterpreter(options);
    return interpreter;
  };
  const drop = async () => {
    const dropped = interpreter;
    interpreter = null;
    await dropped?.kill();
  };

  return {
    name: "python",
    protocols,

    async execute(task, signal) {
      signal.throwIfAborted();
      const current = await running();
      const directory = await mkdtemp(join(resolve(task.scratchBasedir), "alchemiscale-task-"));
      const progress: Progress = { dag: null, running: null };
      const discard = () => rm(directory, { recursive: true, force: true });
      const stop = () => void drop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        const request = await executeRequest(task, directory);
        const reply = await current.request(request, (event) => follow(progress, event, onEvent));
        signal.throwIfAborted();
        return outcomeOf(reply, discard);
      } catch (error) {
        await drop();
        if (signal.aborted) {
          await removeDagDirectories(task, progress);
          await discard();
          throw signal.reason;
        }
        if (!(error instanceof InterpreterCrashed)) throw error;
        onEvent(`${error.message} while it ran ${task.task}`);
        const outcome = await afterCrash(await running(), task, directory, progress, error, discard).catch(
          async (second: unknown) => {
            await drop();
            if (!(second instanceof InterpreterCrashed)) throw second;
            return crashWithoutResult(error);
          },
        );
        await removeDagDirectories(task, progress);
        return outcome;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },

    async close() {
      const closed = interpreter;
      interpreter = null;
      await closed?.close();
    },
  };
}

async function startInterpreter(options: PythonExecutorOptions): Promise<Interpreter> {
  const interpreter = await Interpreter.start(options);
  try {
    const hello = await interpreter.request({ request: "hello" });
    if (hello.reply !== "hello") throw new ExecutorUnavailable(`${options.python} cannot run Protocols: ${errorText(hello)}`);
    if (hello.wire !== wireVersion) {
      throw new ExecutorUnavailable(
        `the Python executor speaks version ${hello.wire} of its protocol; this service speaks ${wireVersion}`,
      );
    }
    options.onEvent?.(`Python ${hello.python}, gufe ${hello.gufe}, process ${hello.pid}`);
    return interpreter;
  } catch (error) {
    await interpreter.kill();
    if (error instanceof InterpreterCrashed) {
      throw new ExecutorUnavailable(`${options.python} does not run the executor: ${error.message}\n${error.crash.stderr}`);
    }
    throw error;
  }
}

/** Writes the big values to files and names them. */
async function executeRequest(task: ExecutorTask, directory: string): Promise<Record<string, unknown>> {
  const transformation = join(directory, "transformation.json");
  await writeFile(transformation, task.transformation);
  const extended = task.extended === null ? null : join(directory, "extends.json");
  if (extended !== null && task.extended !== null) await writeFile(extended, task.extended);
  await mkdir(outputOf(directory));
  return {
    request: "execute",
    task: task.task,
    transformation,
    extends: extended,
    shared_basedir: resolve(task.sharedBasedir),
    scratch_basedir: resolve(task.scratchBasedir),
    n_retries: task.retries,
    keep_shared: task.keepShared,
    keep_scratch: task.keepScratch,
    output_dir: outputOf(directory),
    compress: true,
  };
}

function outputOf(directory: string): string {
  return join(directory, "out");
}

function follow(progress: Progress, event: Event, onEvent: (text: string) => void): void {
  if (event.event === "dag_created") {
    progress.dag = event;
    onEvent(`made ${event.dag_key}`);
  } else if (event.event === "unit_started") {
    progress.running = event;
    onEvent(`unit ${event.index + 1} of ${event.of}, '${event.name ?? event.unit}', attempt ${event.attempt + 1}`);
  } else if (event.event === "unit_finished") {
    progress.running = null;
    const result = event.ok ? "done" : `failed: ${event.exception ?? ""}`;
    onEvent(`unit '${event.name ?? event.unit}' ${result} after ${event.seconds} s`);
  }
}

async function outcomeOf(reply: Reply, discard: () => Promise<void>): Promise<Outcome> {
  if (reply.reply === "result") {
    return { kind: "result", key: reply.result_key, ok: reply.ok, result: { path: reply.file, zstd: true }, dispose: discard };
  }
  await discard();
  if (reply.reply !== "error") return { kind: "failure", exception: `unexpected reply ${reply.reply}`, traceback: "" };
  return { kind: "failure", exception: errorText(reply), traceback: reply.traceback ?? errorText(reply) };
}

/** A result that blames the unit that ran, where a ProtocolDAG had been made; else what is known of the crash. */
async function afterCrash(
  fresh: Interpreter,
  task: ExecutorTask,
  directory: string,
  progress: Progress,
  { crash }: InterpreterCrashed,
  discard: () => Promise<void>,
): Promise<Outcome> {
  if (!existsSync(join(outputOf(directory), "dag.json"))) {
    await discard();
    return crashWithoutResult(new InterpreterCrashed(crash));
  }
  const reply = await fresh.request({
    request: "assemble_failure",
    task: task.task,
    output_dir: outputOf(directory),
    unit: progress.running?.unit ?? null,
    attempt: progress.running?.attempt ?? null,
    started: progress.running?.time ?? null,
    exit_code: crash.signal === null ? crash.exitCode : null,
    signal: crash.signal,
    stderr_tail: crash.stderr,
    compress: true,
  });
  return outcomeOf(reply, discard);
}

function crashWithoutResult({ message, crash }: InterpreterCrashed): Outcome {
  return { kind: "failure", exception: `InterpreterCrash: ${message}`, traceback: `${message}\n${crash.stderr}` };
}

/** What a killed interpreter could not tidy up. */
async function removeDagDirectories(task: ExecutorTask, { dag }: Progress): Promise<void> {
  if (dag === null) return;
  if (!task.keepShared) await rm(dag.shared, { recursive: true, force: true });
  if (!task.keepScratch) await rm(dag.scratch, { recursive: true, force: true });
}

function errorText(reply: Reply): string {
  if (reply.reply !== "error") return `unexpected reply ${reply.reply}`;
  return reply.exception === undefined ? `${reply.kind}: ${reply.message}` : `${reply.exception}: ${reply.message}`;
}
