/** The command as a user runs it: a process of its own on a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export const bin = join(import.meta.dirname, "..", "bin", "alchemiscale.js");
export const fixture = (name: string) => join(import.meta.dirname, "fixtures", name);
export const harmonicNetwork = join(import.meta.dirname, "..", "..", "..", "examples", "harmonic-network.json");

export interface Ended {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Added to an environment without any of ours; undefined leaves one out. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

/** Runs `alchemiscale …args` to its end. */
export async function alchemiscale(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [...(options.node ?? []), bin, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: cleanEnvironment(options.environment),
  });
  child.stdin.end(options.input ?? "");
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { code, stdout, stderr };
}

/** The value that a command with `--json` prints. */
export async function alchemiscaleJson<T>(args: readonly string[], options: CommandOptions = {}): Promise<T> {
  const { code, stdout, stderr } = await alchemiscale([...args, "--json"], options);
  if (code !== 0) throw new Error(`alchemiscale ${args.join(" ")} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

export interface RunningServer {
  readonly pid: number;
  readonly userAddress: string;
  readonly computeAddress: string;
  /** What it has printed so far. */
  output(): string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();

/** Starts `serve` on free ports, or another command that serves, and waits until it is ready. */
export async function startServer(
  directory: string,
  options: CommandOptions = {},
  command: readonly string[] = ["serve", "--api-port", "0", "--compute-api-port", "0"],
): Promise<RunningServer> {
  const child = spawn(process.execPath, [bin, ...command, "--data", directory], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: cleanEnvironment(options.environment),
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const ended = exitOf(child);
  const ready = await Promise.race([once(child, "message"), ended]);
  if (!Array.isArray(ready)) throw new Error(`serve ended (${ready}) before it was ready: ${output}`);
  return {
    pid: child.pid ?? -1,
    ...(ready[0] as { userAddress: string; computeAddress: string }),
    output: () => output,
    end: async (signal) => {
      child.kill(signal);
      const how = await ended;
      running.delete(child);
      return how;
    },
  };
}

/** Ends every server that a test has left running. */
export async function endServers(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      running.delete(child);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    }),
  );
}

/** A directory that goes when the block ends. */
export function temporaryDirectory(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "alchemiscale-cli-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Settings of whoever runs the tests must not reach the command. */
export function cleanEnvironment(added: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const foreign = /^(ALCHEMISCALE_|NEO4J_|AWS_|JWT_|FORCE_COLOR|NO_COLOR)/i;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))), ...added };
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? -1;
}
