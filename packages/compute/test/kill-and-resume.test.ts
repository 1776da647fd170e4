import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createNativeExecutor } from "../src/index.ts";
import { executorTask } from "./executor-task.ts";

test("units that a service had done before it was killed are not run again", async () => {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-kill-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const transformation = fileURLToPath(new URL("./fixtures/native/transformation.json", import.meta.url));
  const script = fileURLToPath(new URL("./first-unit-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, transformation, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");

  const executor = createNativeExecutor();
  onTestFinished(() => executor.close());
  const never = new AbortController().signal;
  const task = executorTask(await readFile(transformation, "utf8"), directory, { retries: 0 });
  const prepared = await executor.prepare(task, never);
  if (prepared.kind === "failure") throw new Error(prepared.exception);
  expect([...prepared.finished.keys()]).toEqual([String(said).trim()]);
  for (const { key } of prepared.units.slice(1)) await prepared.executeUnit(key, { variables: {} }, never);
  const outcome = await prepared.assemble(never);
  expect(outcome).toMatchObject({ kind: "result", ok: true });
  if (outcome.kind === "result") await outcome.dispose();
  expect(await readdir(directory)).toEqual([]);
});
