import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findInterpreter } from "./find-interpreter.ts";

async function environment(conda: boolean): Promise<string> {
  const prefix = await mkdtemp(join(tmpdir(), "alchemiscale-prefix-"));
  onTestFinished(() => rm(prefix, { recursive: true }));
  await mkdir(join(prefix, "bin"));
  await writeFile(join(prefix, "bin", "python"), "");
  if (conda) await mkdir(join(prefix, "conda-meta"));
  return prefix;
}

test("a program is taken as it is named", async () => {
  expect(await findInterpreter("python3.12")).toEqual({ python: "python3.12", variables: {} });
  const prefix = await environment(true);
  const python = join(prefix, "bin", "python");
  expect(await findInterpreter(python)).toEqual({ python, variables: {} });
});

test("the directory of an environment means its interpreter, with its programs", async () => {
  const prefix = await environment(true);
  expect(await findInterpreter(prefix, { PATH: "/usr/bin" })).toEqual({
    python: join(prefix, "bin", "python"),
    variables: { PATH: `${join(prefix, "bin")}:/usr/bin`, CONDA_PREFIX: prefix },
  });
});

test("without a word it is the active environment, else python of the PATH", async () => {
  const [conda, virtual] = [await environment(true), await environment(false)];
  const found = await findInterpreter(undefined, { CONDA_PREFIX: conda, VIRTUAL_ENV: virtual });
  expect(found.python).toBe(join(conda, "bin", "python"));
  const second = await findInterpreter(undefined, { CONDA_PREFIX: "/nonexistent", VIRTUAL_ENV: virtual });
  expect(second.variables).toMatchObject({ VIRTUAL_ENV: virtual });
  expect(await findInterpreter(undefined, {})).toEqual({ python: "python", variables: {} });
});
