/** API processes as tests start, stop and kill them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ServerLimits } from "../src/index.ts";

export interface ApiProcess {
  readonly pid: number;
  readonly user: string | null;
  readonly compute: string | null;
  /** With grace. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

export interface ApiProcessOptions {
  readonly state: string;
  readonly objects: string;
  readonly kind?: "user" | "compute" | "both";
  readonly limits?: Partial<ServerLimits>;
}

export async function startApiProcess(options: ApiProcessOptions): Promise<ApiProcess> {
  const { state, objects, kind = "both", limits = {} } = options;
  const child = fork(new URL("./api-process.ts", import.meta.url), [state, objects, kind, JSON.stringify(limits)], {
    execArgv: [],
  });
  const ended = once(child, "exit");
  const addresses = await Promise.race([
    once(child, "message").then(([message]) => message as { user: string | null; compute: string | null }),
    ended.then(([code, signal]) => Promise.reject(new Error(`the API process ended (${signal ?? code}) before it was ready`))),
  ]);
  const end = async (how: (child: ChildProcess) => void) => {
    if (child.exitCode === null && child.signalCode === null) how(child);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    ...addresses,
    stop: () => end((running) => running.send("stop")),
    kill: () => end((running) => running.kill("SIGKILL")),
  };
}
