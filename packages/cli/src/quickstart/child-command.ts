/** Commands of our own as processes of their own, as a user would start them in other terminals. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailure } from "../usage-error.ts";

export interface ChildCommand {
  readonly pid: number;
  readonly log: string;
  /** Resolves with the exit code or signal when the process has ended. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** The first message that the process sends. Rejects, with the end of its log, when it ends before. */
  message(): Promise<unknown>;
  /** SIGTERM, and SIGKILL when it has not ended after `patience` milliseconds. */
  stop(patience?: number): Promise<number | NodeJS.Signals>;
  /** At once, for an emergency. */
  kill(): void;
  /** Lets the process live on without this one. */
  release(): void;
}

const bin = join(import.meta.dirname, "..", "..", "bin", "alchemiscale.js");

/**
 * Starts `alchemiscale …args`.
 * @param log File for what it prints.
 * @param environment Variables, in place of this process's own; `undefined` leaves one out.
 */
export function startChildCommand(
  args: readonly string[],
  options: { readonly log: string; readonly environment: NodeJS.ProcessEnv; readonly cwd?: string },
): ChildCommand {
  const output = openSync(options.log, "a", 0o600);
  // A process group of its own: Ctrl-C reaches this process alone, which then ends the others in the right order.
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ["ignore", output, output, "ipc"],
    env: options.environment,
    cwd: options.cwd,
    detached: true,
  });
  closeSync(output);
  const ended = exitOf(child);
  ended.catch(() => {});
  return {
    pid: child.pid ?? -1,
    log: options.log,
    ended,
    async message() {
      const failed = ended.then((how) => {
        throw new CommandFailure(
          `alchemiscale ${args.join(" ")} ended (${how}) before it was ready. Its last lines:\n${lastLines(options.log)}`,
        );
      });
      const [message] = await Promise.race([once(child, "message"), failed]);
      return message;
    },
    async stop(patience = 10_000) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), patience);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
    kill: () => void child.kill("SIGKILL"),
    release() {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

/** The end of a log, for an error message. */
export function lastLines(log: string, count = 15): string {
  try {
    return readFileSync(log, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  if (child.pid === undefined) {
    const [error] = await once(child, "error");
    throw error;
  }
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? 1;
}
