/** API processes as tests start, stop and kill them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ServerLimits } from "../src/index.ts";
import type { Held, ToApiProcess, UnderWay } from "./api-process.ts";

export interface ApiProcess {
  readonly pid: number;
  readonly user: string | null;
  readonly compute: string | null;
  /** With grace. @returns its exit code, or the signal that ended it */
  stop(): Promise<number | string>;
  /** `kill -9`. */
  kill(): Promise<void>;
  underWay(): Promise<UnderWay>;
  held(): Promise<Held>;
  /** To what was loaded into it beside the server. */
  send(message: object): void;
  /** What it has written, where `silent` was asked for: its log, and what it said on stderr. */
  readonly written: { readonly log: string; readonly stderr: string };
}

export interface ApiProcessOptions {
  readonly state: string;
  readonly objects: string;
  readonly kind?: "user" | "compute" | "both";
  readonly limits?: Partial<ServerLimits>;
  /** What it writes is kept for the test, instead of shown. */
  readonly silent?: boolean;
  /** Of Node. */
  readonly execArgv?: readonly string[];
  /** Beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startApiProcess(options: ApiProcessOptions): Promise<ApiProcess> {
  const { state, objects, kind = "both", limits = {}, silent = false } = options;
  const child = fork(new URL("./api-process.ts", import.meta.url), [state, objects, kind, JSON.stringify(limits)], {
    execArgv: [...(options.execArgv ?? [])],
    env: { ...process.env, ...options.environment },
    silent,
  });
  const written = { log: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    written.log += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    written.stderr += text;
  });
  const ended = once(child, "exit");
  const addresses = await Promise.race([
    once(child, "message").then(([message]) => message as { user: string | null; compute: string | null }),
    ended.then(([code, signal]) =>
      Promise.reject(new Error(`the API process ended (${signal ?? code}) before it was ready ${written.stderr}`)),
    ),
  ]);
  const end = async (how: (child: ChildProcess) => void): Promise<number | string> => {
    if (child.exitCode === null && child.signalCode === null) how(child);
    const [code, signal] = await ended;
    return signal ?? code;
  };
  const ask = async (what: ToApiProcess): Promise<unknown> => {
    const answer = Promise.race([
      once(child, "message"),
      ended.then(([code, signal]) =>
        Promise.reject(new Error(`the API process has ended (${signal ?? code}) ${written.stderr}`)),
      ),
    ]);
    child.send(what);
    return (await answer)[0];
  };
  return {
    pid: child.pid ?? 0,
    ...addresses,
    written,
    stop: () => end((running) => running.send("stop" satisfies ToApiProcess)),
    kill: async () => void (await end((running) => running.kill("SIGKILL"))),
    underWay: () => ask("under way") as Promise<UnderWay>,
    held: () => ask("held") as Promise<Held>,
    send: (message) => void child.send(message),
  };
}
