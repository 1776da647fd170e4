import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { commandFile } from "../servers/command-line.ts";

/** An `alchemiscale …` process that is killed and started again. */
export interface SupervisedCommand {
  readonly name: string;
  /** Counts the starts. */
  readonly generation: number;
  readonly isRunning: boolean;
  /** SIGKILL, then a new start after `downMs`. Resolves when the new process is spawned, which is before it works. */
  killAndRestart(downMs: number): Promise<void>;
  /** SIGTERM, and waits. Throws when it does not end within 30 s. */
  stop(): Promise<void>;
  /** What the last generations printed, the last 64 kB. */
  output(): string;
}

export interface CommandHooks {
  readonly args: (generation: number) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A generation has ended by our signal. */
  readonly onEnd?: (generation: number) => void;
  /** A generation has ended that nobody asked to. It is not started again. */
  readonly onSurprise: (sentence: string) => void;
}

export function superviseCommand(name: string, hooks: CommandHooks): SupervisedCommand {
  let generation = 0;
  let printed = "";
  let asked = false;
  let child: ChildProcess;
  let exited: Promise<unknown>;

  const start = (): void => {
    generation += 1;
    asked = false;
    const current = spawn(process.execPath, [commandFile, ...hooks.args(generation)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...hooks.environment },
    });
    child = current;
    for (const stream of [current.stdout, current.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed = (printed + text).slice(-65_536);
      });
    }
    const own = generation;
    exited = once(current, "exit").then(([code, signal]) => {
      if (asked) hooks.onEnd?.(own);
      else hooks.onSurprise(`${name} ended by itself (${signal ?? code}); its last lines:\n${printed.slice(-2000)}`);
    });
  };
  start();
  return {
    name,
    get generation() {
      return generation;
    },
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    killAndRestart: async (downMs) => {
      asked = true;
      child.kill("SIGKILL");
      await exited;
      await wait(downMs);
      start();
    },
    stop: async () => {
      asked = true;
      child.kill("SIGTERM");
      const late = wait(30_000, "late", { ref: false });
      if ((await Promise.race([exited, late])) === "late") {
        child.kill("SIGKILL");
        throw new Error(`${name} did not end within 30 s of SIGTERM:\n${printed.slice(-2000)}`);
      }
    },
    output: () => printed,
  };
}
