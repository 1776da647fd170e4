import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const source = join(import.meta.dirname, "write-recorder.c");

/** Why the recorder cannot be had here. */
export class NoRecorder extends Error {
  override readonly name = "NoRecorder";
}

/**
 * Compiles `write-recorder.c` unless it was, below node_modules/.cache. The path of the library to preload.
 * @throws {NoRecorder} where this is not Linux or there is no C compiler.
 */
export async function compileRecorder(): Promise<string> {
  if (process.platform !== "linux") throw new NoRecorder("writes are recorded on Linux only");
  const digest = createHash("sha256")
    .update(await readFile(source))
    .update(process.arch)
    .digest("hex");
  const directory = resolve(import.meta.dirname, "../../node_modules/.cache/power-cut");
  const library = join(directory, `write-recorder-${digest.slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  await mkdir(directory, { recursive: true });
  const unfinished = `${library}.${process.pid}`;
  try {
    await run("cc", ["-O2", "-shared", "-fPIC", "-o", unfinished, source]);
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw new NoRecorder("no C compiler (cc) here; Debian: apt-get install gcc libc6-dev");
    throw new NoRecorder(`write-recorder.c does not compile: ${stderr?.trim() ?? error}`);
  }
  await rename(unfinished, library);
  return library;
}
