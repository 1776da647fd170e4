/** A program that answers as the Python executor does, for tests of what asks it. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * @param answer JavaScript: the body of a function of `request` that returns a reply; `files(path)` reads a text. Nothing is answered where it returns nothing.
 * @returns its path
 */
export async function stubInterpreter(answer: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-stub-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "python");
  const program = `#!${process.execPath}
const { readFileSync, writeFileSync, writeSync } = require("node:fs");
const { Socket } = require("node:net");
const { createInterface } = require("node:readline");
const files = (path) => readFileSync(path, "utf8");
const answer = (request) => { ${answer} };
new Socket({ fd: 5 }).on("end", () => process.exit()).resume();
createInterface({ input: new Socket({ fd: 3 }) })
  .on("line", (line) => {
    const request = JSON.parse(line);
    console.log("what a Protocol prints");
    writeSync(4, "what was cut off\\n");
    const reply = request.request === "hello"
      ? { reply: "hello", wire: 2, executor: "stub", python: "3", executable: String(process.pid), pid: process.pid, gufe: "1", packages: {} }
      : answer(request);
    if (reply !== undefined) writeSync(4, JSON.stringify({ id: request.id, ...reply }) + "\\n");
  })
  .on("close", () => process.exit());
`;
  await writeFile(path, program);
  await chmod(path, 0o755);
  return path;
}
