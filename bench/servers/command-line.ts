import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** The program behind the command `alchemiscale`; Node runs it as it is. */
export const commandFile = join(import.meta.dirname, "..", "..", "packages", "cli", "bin", "alchemiscale.js");

/** Runs `alchemiscale …` to its end and returns its standard output. Throws, with what it printed, when it fails. */
export async function runCommand(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [commandFile, ...args], {
    env: { ...process.env, ...environment },
  });
  return stdout;
}
