import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { commandFile, runCommand } from "./command-line.ts";
import { freePorts } from "./free-ports.ts";
import { waitForPing } from "./wait-for-ping.ts";

/** A real server: `alchemiscale serve` in a process of its own. */
export interface AlchemiscaleServer {
  readonly userUrl: string;
  readonly computeUrl: string;
  readonly pid: number;
  /** What it printed so far, the last 64 kB. */
  output(): string;
  /** Ends with the exit, however it comes. */
  readonly exited: Promise<void>;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

export interface ServeOptions {
  readonly data: string;
  /** User API, compute API; free ones unless told. */
  readonly ports?: readonly [number, number];
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of Node, such as --cpu-prof. */
  readonly nodeOptions?: readonly string[];
}

const patienceMs = 60_000;

/** Starts a server and waits until both of its APIs answer. Throws, with what it printed, when it ends before. */
export async function startServer(options: ServeOptions): Promise<AlchemiscaleServer> {
  const [userPort, computePort] = options.ports ?? ((await freePorts(2)) as [number, number]);
  const args = ["serve", "--data", options.data, "--api-port", `${userPort}`, "--compute-api-port", `${computePort}`];
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), commandFile, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
  });
  const server = describe(child, `http://127.0.0.1:${userPort}`, `http://127.0.0.1:${computePort}`);
  const signal = AbortSignal.timeout(patienceMs);
  const ended = server.exited.then(() => {
    throw new Error(`the server ended (${child.signalCode ?? child.exitCode}) before it answered:\n${server.output()}`);
  });
  try {
    await Promise.race([Promise.all([server.userUrl, server.computeUrl].map((url) => waitForPing(url, { signal }))), ended]);
  } catch (error) {
    await server.kill();
    throw error;
  }
  ended.catch(() => {});
  return server;
}

function describe(child: ChildProcess, userUrl: string, computeUrl: string): AlchemiscaleServer {
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-65_536);
    });
  }
  let asked = false;
  const exited = once(child, "exit").then(([code, signal]) => {
    if (!asked) console.error(`a server ended by itself (${signal ?? code}):\n${printed}`);
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    asked = true;
    child.kill(signal);
    await exited;
  };
  return {
    userUrl,
    computeUrl,
    pid: child.pid ?? 0,
    output: () => printed,
    exited,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** A user and a compute identity that may see everything. */
export interface Identities {
  readonly user: { readonly identifier: string; readonly key: string };
  readonly compute: { readonly identifier: string; readonly key: string };
}

/** Makes them in the stores of a data directory, or those that the environment names. */
export async function addIdentities(data: string, environment: Readonly<Record<string, string>> = {}): Promise<Identities> {
  const identities: Identities = {
    user: { identifier: "bench-user", key: "bench-user-key" },
    compute: { identifier: "bench-compute", key: "bench-compute-key" },
  };
  for (const [type, { identifier, key }] of Object.entries(identities)) {
    const who = ["-t", type, "-i", identifier, "--data", data];
    await runCommand(["identity", "add", ...who, "-k", key], environment);
    await runCommand(["identity", "add-scope", ...who, "-s", "*-*-*"], environment);
  }
  return identities;
}
