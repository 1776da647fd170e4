import { ExecutorUnavailable } from "../executor-unavailable.ts";
import { Interpreter, InterpreterCrashed, type InterpreterOptions } from "./interpreter.ts";
import { type HelloReply, type Reply, wireVersion } from "./wire.ts";

type Variables = Readonly<Record<string, string>>;

interface Idle {
  readonly interpreter: Interpreter;
  readonly key: string;
}

/**
 * Interpreters that are kept warm, as imports cost seconds. An interpreter serves one request at a time, and only those with the environment variables that it
 * was started with: `CUDA_VISIBLE_DEVICES` and numbers of threads are read once, by libraries.
 */
export class InterpreterPool {
  readonly #options: InterpreterOptions;
  /** As many idle ones are kept as were needed at once, and at least those that were asked for. */
  #largest: number;
  /** The longest idle first. */
  #idle: Idle[] = [];
  readonly #busy = new Map<Interpreter, string>();
  #starting = 0;
  #closed = false;

  /** At least `idle` interpreters are kept while nobody needs them. */
  constructor(options: InterpreterOptions, idle: number) {
    this.#options = options;
    this.#largest = idle;
  }

  /**
   * An interpreter for one's own use, until it is given back or dropped. `variables` null: any that is there, for what computes nothing.
   * @throws {ExecutorUnavailable}
   */
  async take(variables: Variables | null): Promise<Interpreter> {
    const key = keyOf(variables ?? {});
    for (;;) {
      const exact = this.#idle.findLastIndex((idle) => idle.key === key);
      const at = exact === -1 && variables === null ? this.#idle.length - 1 : exact;
      const [found] = at === -1 ? [] : this.#idle.splice(at, 1);
      if (found === undefined) break;
      if (!found.interpreter.alive) continue;
      this.#busy.set(found.interpreter, found.key);
      this.#noteUse();
      return found.interpreter;
    }
    this.#starting += 1;
    this.#noteUse();
    try {
      const { interpreter } = await startInterpreter({
        ...this.#options,
        variables: { ...this.#options.variables, ...variables },
      });
      if (this.#closed) {
        await interpreter.kill();
        throw new ExecutorUnavailable("the Python executor is closed");
      }
      this.#busy.set(interpreter, key);
      return interpreter;
    } finally {
      this.#starting -= 1;
    }
  }

  #noteUse(): void {
    this.#largest = Math.max(this.#largest, this.#busy.size + this.#starting);
  }

  /** For the next one who needs it. */
  async giveBack(interpreter: Interpreter): Promise<void> {
    const key = this.#busy.get(interpreter);
    if (key === undefined) return;
    this.#busy.delete(interpreter);
    if (!interpreter.alive) return;
    this.#idle.push({ interpreter, key });
    const [oldest] = this.#idle.length > this.#largest ? this.#idle.splice(0, 1) : [];
    await oldest?.interpreter.close();
  }

  /** Ends it, with all that it has started. */
  async drop(interpreter: Interpreter): Promise<void> {
    this.#busy.delete(interpreter);
    await interpreter.kill();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const idle = this.#idle;
    this.#idle = [];
    const busy = [...this.#busy.keys()];
    this.#busy.clear();
    await Promise.all([...idle.map(({ interpreter }) => interpreter.close()), ...busy.map((interpreter) => interpreter.kill())]);
  }
}

function keyOf(variables: Variables): string {
  return JSON.stringify(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Starts an interpreter and hears what it has; the signal ends that.
 * @throws {ExecutorUnavailable} when it does not start, or has no gufe.
 */
export async function startInterpreter(
  options: InterpreterOptions,
  signal?: AbortSignal,
): Promise<{ readonly interpreter: Interpreter; readonly hello: HelloReply }> {
  const interpreter = await Interpreter.start(options);
  const end = () => void interpreter.kill();
  signal?.addEventListener("abort", end, { once: true });
  try {
    const hello = await interpreter.request({ request: "hello" });
    if (hello.reply !== "hello") throw new ExecutorUnavailable(`${options.python} cannot run Protocols: ${errorText(hello)}`);
    if (hello.wire !== wireVersion) {
      throw new ExecutorUnavailable(
        `the Python executor speaks version ${hello.wire} of its protocol; this service speaks ${wireVersion}`,
      );
    }
    return { interpreter, hello };
  } catch (error) {
    await interpreter.kill();
    if (error instanceof InterpreterCrashed) {
      throw new ExecutorUnavailable(`${options.python} does not run the executor: ${error.message}\n${error.crash.stderr}`);
    }
    throw error;
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

export function errorText(reply: Reply): string {
  if (reply.reply !== "error") return `unexpected reply ${reply.reply}`;
  return reply.exception === undefined ? `${reply.kind}: ${reply.message}` : `${reply.exception}: ${reply.message}`;
}
