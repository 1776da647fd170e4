import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const version = "4.32.5";

/**
 * The command `schemathesis`: the one that ALCHEMISCALE_TEST_SCHEMATHESIS names; with CI=true one that is installed from PyPI below
 * node_modules/.cache; else undefined, also where it cannot be installed, which is said.
 */
export async function findSchemathesis(): Promise<string | undefined> {
  const named = process.env.ALCHEMISCALE_TEST_SCHEMATHESIS;
  if (named !== undefined && named !== "") return named;
  if (process.env.CI !== "true") return undefined;
  const cache = resolve(import.meta.dirname, "../../../../node_modules/.cache");
  const environment = resolve(cache, `schemathesis-${version}`);
  const command = resolve(environment, "bin/schemathesis");
  if (existsSync(command)) return command;
  try {
    await mkdir(cache, { recursive: true });
    await run("python3", ["-m", "venv", environment], { timeout: 120_000 });
    await run(resolve(environment, "bin/pip"), ["install", "--quiet", `schemathesis==${version}`], { timeout: 300_000 });
    return command;
  } catch (error) {
    await rm(environment, { recursive: true, force: true });
    const { stderr } = error as { stderr?: string };
    console.log(`schemathesis cannot be installed from PyPI: ${(stderr ?? String(error)).trim().split("\n").at(-1)}`);
    return undefined;
  }
}
