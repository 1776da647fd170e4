/** The unmodified Python client and compute service, of whatever releases of alchemiscale the interpreters have, against `alchemiscale serve`. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const bin = join(import.meta.dirname, "../bin/alchemiscale.js");
const program = join(import.meta.dirname, "python/unmodified_parts.py");
/** One interpreter, and where there are more (with other releases of alchemiscale) those, divided as in PATH. */
const interpreters = [process.env.ALCHEMISCALE_TEST_PYTHON, ...(process.env.ALCHEMISCALE_TEST_PYTHON_MORE ?? "").split(delimiter)]
  .filter((path) => path !== undefined)
  .filter((path) => path !== "");

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

async function serve(): Promise<{ data: string; user: string; compute: string }> {
  const data = await mkdtemp(join(tmpdir(), "alchemiscale-python-"));
  const child = spawn(process.execPath, [bin, "serve", "--data", data, "--api-port", "0", "--compute-api-port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stops.push(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await rm(data, { recursive: true, force: true });
  });
  const found: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const match = /(user|compute) API\s+(http:\S+)/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) found[match[1]] = match[2];
    if (found.user !== undefined && found.compute !== undefined) break;
  }
  child.stdout.resume();
  return { data, user: found.user ?? "", compute: found.compute ?? "" };
}

async function addIdentity(
  data: string,
  type: "user" | "compute",
  identifier: string,
  key: string,
  scope: string,
): Promise<void> {
  const common = ["-t", type, "-i", identifier, "--data", data];
  await run(process.execPath, [bin, "identity", "add", ...common, "-k", key]);
  await run(process.execPath, [bin, "identity", "add-scope", ...common, "-s", scope]);
}

describe.skipIf(interpreters.length === 0)(
  "unmodified Python parts (ALCHEMISCALE_TEST_PYTHON names an interpreter, ALCHEMISCALE_TEST_PYTHON_MORE others)",
  () => {
    test.each(interpreters.map((path, i) => ({ path, scope: `python-campaign-release${i}` })))(
      "client and SynchronousComputeService of $path submit, compute, and read results and failures",
      { timeout: 150_000 },
      async ({ path, scope }) => {
        const { data, user, compute } = await serve();
        await addIdentity(data, "user", "ada", "the key of ada", scope);
        await addIdentity(data, "compute", "host", "the key of the host", scope);
        const { stdout } = await run(path, [
          program,
          user,
          compute,
          "ada",
          "the key of ada",
          "host",
          "the key of the host",
          scope,
          join(data, "python"),
        ]);
        const seen = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
        expect(seen).toMatchObject({ tasks: 8, status: { complete: 7, error: 1 }, results: 2 });
      },
    );
  },
);
