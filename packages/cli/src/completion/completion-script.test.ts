import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../program.ts";
import { completionScript } from "./completion-script.ts";

const hasShell = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** What bash offers after these words; the last one is being typed. */
function offered(...words: string[]): string[] {
  const script = `${completionScript(createProgram(), "bash")}
COMP_WORDS=(alchemiscale "$@"); COMP_CWORD=$#; _alchemiscale; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "");
}

test.skipIf(!hasShell("bash"))("bash is offered commands, options and values", () => {
  expect(offered("netw")).toEqual(["network"]);
  expect(offered("")).not.toContain("warm-up");
  expect(offered("network", "restart-patterns", "")).toEqual(["list", "add", "remove", "clear", "max-retries"]);
  expect(offered("network", "list", "--st")).toEqual(["--state"]);
  expect(offered("network", "list", "--state", "in")).toEqual(["inactive", "invalid"]);
  expect(offered("task", "set-status", "w")).toEqual(["waiting"]);
  // The value of an option is no command.
  expect(offered("network", "list", "--name", "get", "--sc")).toEqual(["--scope"]);
  expect(offered("results", "--output", "")).toEqual([]);
});

test.for([
  ["zsh", "-n"],
  ["fish", "--no-execute"],
] as const)("%s can read its script", async ([shell, option], { skip }) => {
  if (!hasShell(shell)) skip(`${shell} is not installed here`);
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-completion-"));
  try {
    // As a file: fish takes no script from the kind of pipe that Node makes.
    const file = join(directory, "script");
    await writeFile(file, completionScript(createProgram(), shell));
    const { status, stderr } = spawnSync(shell, [option, file], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("every command that is shown has a line for fish", () => {
  const script = completionScript(createProgram(), "fish");
  for (const name of ["quickstart", "serve", "network", "restart-patterns", "watch", "completion"]) {
    expect(script).toMatch(new RegExp(`-a ${name} -d '`));
  }
});
