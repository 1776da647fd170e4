import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("pages can be made of the docstrings: every link in them leads somewhere, every example is there", {
  timeout: 120_000,
}, async () => {
  const typedoc = fileURLToPath(new URL("../node_modules/typedoc/bin/typedoc", import.meta.url));
  const options = fileURLToPath(new URL("../typedoc.json", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [typedoc, "--options", options, "--emit", "none"]);
  expect(`${stdout}${stderr}`).not.toMatch(/warning|error/);
});
