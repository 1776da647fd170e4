import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A process of a server that is measured. */
export interface Started {
  readonly pid: number;
  /** What it printed last, 16 kB. */
  output(): string;
  /** Rejects when it ends without having been asked to, with what it printed. */
  readonly ended: Promise<never>;
  /** SIGTERM, and SIGKILL after 20 s. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
/** Whatever ends this process, none of those outlives it. */
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export function startProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Started {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  running.add(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-16_384);
    });
  }
  let asked = false;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(String(signal ?? code)));
    child.once("error", (error) => resolve(error.message));
  });
  const ended = exited.then((how) => {
    running.delete(child);
    if (asked) return new Promise<never>(() => {});
    throw new Error(`${command} ended by itself (${how}):\n${printed}`);
  });
  ended.catch(() => {});
  return {
    pid: child.pid ?? 0,
    output: () => printed,
    ended,
    stop: async () => {
      asked = true;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const impatient = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await gone;
      clearTimeout(impatient);
    },
  };
}
