import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A server of this folder that a figure is compared with, in a process of its own. */
export interface ComparisonServer {
  /** One for each port that it listens on. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Starts `servers/<name>.ts`, which prints its ports in one line when it listens. */
export async function startComparisonServer(
  name: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<ComparisonServer> {
  const file = new URL(`./${name}.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const exited = once(child, "exit");
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${name} ended (${signal ?? code}) before it listened`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  ended.catch(() => {});
  return {
    urls: String(line)
      .split(" ")
      .map((port) => `http://127.0.0.1:${port}`),
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
