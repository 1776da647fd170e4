import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A service in a process of its own. */
export interface SupervisedProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface SupervisedOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Runs it as this user, where we are root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** A line that it prints when it is ready. */
  readonly readyLine: RegExp;
}

// Ends the service also when this process is killed: its standard input then closes. Without this every killed test run would leave a database behind.
const supervisor = `
  exec 3<&0
  "$@" 3<&- </dev/null & service=$!
  { cat <&3 >/dev/null; kill -INT $service 2>/dev/null; } & watch=$!
  exec 3<&-
  wait $service; code=$?
  kill $watch 2>/dev/null
  exit $code`;

/** Starts a program and resolves at the line that says it is ready. Throws, with its last lines, when it ends before. */
export const startSupervised = async (
  command: string,
  args: readonly string[],
  options: SupervisedOptions,
): Promise<SupervisedProcess> => {
  const child = spawn("sh", ["-c", supervisor, "sh", command, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.user,
  });
  const ended = once(child, "exit");
  await ready(child, command, options.readyLine);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
};

const ready = (child: ChildProcess, command: string, line: RegExp): Promise<void> =>
  new Promise((resolve, reject) => {
    const last: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on("line", (text) => {
        last.push(text);
        if (last.length > 20) last.shift();
        if (line.test(text)) resolve();
      });
    }
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      reject(new Error(`${command} ended (${signal ?? code}) before it was ready:\n${last.join("\n")}`)),
    );
  });
