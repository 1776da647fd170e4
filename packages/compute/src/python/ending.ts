import type { NoResult } from "../executor.ts";
import type { Interpreter, InterpreterCrashed } from "./interpreter.ts";
import { errorText } from "./interpreter-pool.ts";
import type { Reply } from "./wire.ts";

/** A request took longer than the Task may. */
export class TimeLimit extends Error {
  override readonly name = "TimeLimit";

  constructor(seconds: number) {
    super(`ended after ${seconds} s, the time limit of this service`);
  }
}

/**
 * Waits for an interpreter's reply. When the signal aborts or the time is up (it counts from `restart`, where that is called), the interpreter is killed with all that
 * it has started, and only then this rejects, with the signal's reason or a {@link TimeLimit}.
 */
export async function withinLimit<T>(
  reply: Promise<T>,
  interpreter: Interpreter,
  seconds: number | null,
  signal: AbortSignal,
  onRestart: (restart: () => void) => void = () => {},
): Promise<T> {
  const reasons: unknown[] = [];
  const end = (reason: unknown) => {
    reasons.push(reason);
    void interpreter.kill();
  };
  const onAbort = () => end(signal.reason);
  let timer: NodeJS.Timeout | undefined;
  const restart = () => {
    clearTimeout(timer);
    if (seconds !== null) timer = setTimeout(() => end(new TimeLimit(seconds)), 1000 * seconds);
  };
  restart();
  onRestart(restart);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await reply;
  } catch (error) {
    throw reasons.length > 0 ? reasons[0] : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    // The reply may have come just before its interpreter was killed.
    if (reasons.length > 0) await interpreter.kill();
  }
}

export function noResultOf(reply: Reply): NoResult {
  if (reply.reply !== "error") return { kind: "failure", exception: `unexpected reply ${reply.reply}`, traceback: "" };
  return { kind: "failure", exception: errorText(reply), traceback: reply.traceback ?? errorText(reply) };
}

export function crashWithoutResult({ message, crash }: InterpreterCrashed): NoResult {
  return { kind: "failure", exception: `InterpreterCrash: ${message}`, traceback: `${message}\n${crash.stderr}` };
}
