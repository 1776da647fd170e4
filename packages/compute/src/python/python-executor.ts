import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { executeInOrder } from "../execute-in-order.ts";
import type { Executor, ExecutorTask, ExecutorVersions, NoResult, PreparedTask } from "../executor.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { openTaskDirectory, sweepTaskDirectories, type TaskDirectory } from "../task-directory.ts";
import { crashWithoutResult, noResultOf, TimeLimit, withinLimit } from "./ending.ts";
import { findInterpreter } from "./find-interpreter.ts";
import { type Interpreter, InterpreterCrashed, type InterpreterOptions } from "./interpreter.ts";
import { errorText, InterpreterPool, startInterpreter } from "./interpreter-pool.ts";
import { PythonTask } from "./python-task.ts";
import type { HelloReply, PreparedReply } from "./wire.ts";

export interface PythonExecutorOptions extends Omit<InterpreterOptions, "python" | "variables"> {
  /** Path or name of the interpreter, or the directory of an environment; default: the environment that is active. */
  readonly python?: string;
  /** Modules to look for Protocols in, besides those of openfe, feflow and this project. */
  readonly modules?: readonly string[];
  /** How many interpreters are kept warm while they have nothing to do, unless more were needed at once; default 2. */
  readonly idleInterpreters?: number;
  /** Seconds after which files are removed that a service has left behind on this host for going on later; default a week. */
  readonly resumableSeconds?: number;
  /** Progress and oddities, for a log. */
  readonly onEvent?: (text: string) => void;
}

const week = 7 * 24 * 3600;

/**
 * Runs Protocols in interpreters of the user's own environment, kept warm between units and replaced when they crash or are aborted
 * (docs/python-executor.md).
 * @throws {ExecutorUnavailable} when the interpreter does not start, or has no gufe.
 */
export async function createPythonExecutor(options: PythonExecutorOptions = {}): Promise<Executor> {
  const onEvent = options.onEvent ?? (() => {});
  const { python, variables } = await findInterpreter(options.python);
  const interpreterOptions: InterpreterOptions = {
    python,
    variables,
    ...(options.packages === undefined ? {} : { packages: options.packages }),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  };
  const { hello, protocols } = await discover(interpreterOptions, options.modules ?? [], onEvent);
  const pool = new InterpreterPool(interpreterOptions, options.idleInterpreters ?? 2);
  const versions = {
    executor: { name: "python", version: hello.executor },
    packages: { python: hello.python, gufe: hello.gufe, ...hello.packages },
  };
  const identity = JSON.stringify([hello.executor, hello.python, hello.gufe, hello.packages]);
  const swept = new Set<string>();

  const executor: Executor = {
    name: "python",
    protocols,
    versions,

    async prepare(task, signal) {
      signal.throwIfAborted();
      if (!swept.has(task.scratchBasedir)) {
        swept.add(task.scratchBasedir);
        const removed = await sweepTaskDirectories(task.scratchBasedir, options.resumableSeconds ?? week);
        for (const name of removed) onEvent(`removed what was left of ${name}`);
      }
      const directory = await openTaskDirectory(task, identity);
      let prepared = await prepareIn(pool, versions, directory, task, directory.resumed, signal, onEvent);
      if (prepared.kind === "failure" && directory.resumed) {
        onEvent(`${task.task} cannot be gone on with (${prepared.exception}); it begins anew`);
        await directory.remove();
        const fresh = await openTaskDirectory(task, identity);
        prepared = await prepareIn(pool, versions, fresh, task, false, signal, onEvent);
      }
      return prepared;
    },

    execute: (task, signal) => executeInOrder(executor, task, signal),
    close: () => pool.close(),
  };
  return executor;
}

/** What the environment has, asked of an interpreter that imports it all and is not used for Tasks. */
async function discover(
  options: InterpreterOptions,
  modules: readonly string[],
  onEvent: (text: string) => void,
): Promise<{ readonly hello: HelloReply; readonly protocols: readonly string[] }> {
  const { interpreter, hello } = await startInterpreter(options);
  try {
    onEvent(`Python ${hello.python} (${hello.executable}), gufe ${hello.gufe}`);
    const packages = Object.entries(hello.packages).map(([name, version]) => `${name} ${version}`);
    if (packages.length > 0) onEvent(`with ${packages.join(", ")}`);
    const listed = await interpreter.request({ request: "list_protocols", modules });
    if (listed.reply !== "list_protocols")
      throw new ExecutorUnavailable(`${options.python} lists no Protocols: ${errorText(listed)}`);
    for (const [module, reason] of Object.entries(listed.not_imported)) onEvent(`${module} is not imported: ${reason}`);
    return { hello, protocols: [...new Set(listed.protocols.map(({ qualname }) => qualname))] };
  } catch (error) {
    if (!(error instanceof InterpreterCrashed)) throw error;
    throw new ExecutorUnavailable(`${options.python} lists no Protocols: ${error.message}\n${error.crash.stderr}`);
  } finally {
    await interpreter.kill();
  }
}

async function prepareIn(
  pool: InterpreterPool,
  versions: ExecutorVersions,
  directory: TaskDirectory,
  task: ExecutorTask,
  resume: boolean,
  signal: AbortSignal,
  onEvent: (text: string) => void,
): Promise<PreparedTask | NoResult> {
  let interpreter: Interpreter | null = null;
  const fail = async (failure: NoResult) => {
    await directory.remove();
    return failure;
  };
  try {
    interpreter = await pool.take(null);
    const reply = await withinLimit(
      interpreter.request(await prepareRequest(task, directory.path, resume)),
      interpreter,
      task.limits?.seconds ?? null,
      signal,
    );
    await pool.giveBack(interpreter);
    if (reply.reply !== "prepared") return await fail(noResultOf(reply));
    await directory.own(directoriesOf(task, reply));
    onEvent(resume ? `goes on with ${reply.dag_key}: ${reply.finished.length} units are done` : `made ${reply.dag_key}`);
    return new PythonTask({ task, prepared: reply, directory, pool, versions, onEvent });
  } catch (error) {
    if (interpreter !== null) await pool.drop(interpreter);
    if (error instanceof InterpreterCrashed) return await fail(crashWithoutResult(error));
    if (error instanceof TimeLimit) {
      return await fail({ kind: "failure", exception: `TimeLimitExceeded: ${error.message}`, traceback: error.message });
    }
    await directory.remove();
    throw error;
  }
}

/** Writes the big values to files and names them. */
async function prepareRequest(task: ExecutorTask, directory: string, resume: boolean): Promise<Record<string, unknown>> {
  const transformation = join(directory, "transformation.json");
  await writeFile(transformation, task.transformation);
  const extended = task.extended === null ? null : join(directory, "extends.json");
  if (extended !== null && task.extended !== null) await writeFile(extended, task.extended);
  return {
    request: "prepare",
    task: task.task,
    transformation,
    extends: extended,
    shared_basedir: resolve(task.sharedBasedir),
    scratch_basedir: resolve(task.scratchBasedir),
    n_retries: task.retries,
    output_dir: join(directory, "out"),
    resume,
  };
}

/** Those of the ProtocolDAG that go with the Task's files. */
function directoriesOf(task: ExecutorTask, { shared, scratch }: PreparedReply): string[] {
  return [...(task.keepShared ? [] : [shared]), ...(task.keepScratch ? [] : [scratch])];
}
