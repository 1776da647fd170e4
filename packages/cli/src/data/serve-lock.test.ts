import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandFailure } from "../usage-error.ts";
import { locateDataDirectory } from "./data-directory.ts";
import { takeServeLock } from "./serve-lock.ts";
import { writeServerFile } from "./server-file.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alchemiscale-lock-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("one server a data directory", () => {
  test("a second one is refused, and told who has it", () => {
    const directory = locateDataDirectory(folder);
    const lock = takeServeLock(directory);
    writeServerFile(directory, { pid: 4711, userAddress: "http://127.0.0.1:8000", computeAddress: "http://127.0.0.1:8001" });
    expect(() => takeServeLock(directory)).toThrow(CommandFailure);
    expect(() => takeServeLock(directory)).toThrow(/process 4711, http:\/\/127\.0\.0\.1:8000\) already serves .*--data DIR/);
    lock.release();
    takeServeLock(directory).release();
  });

  test("a killed one leaves the directory free", async () => {
    const program = `
      const { locateDataDirectory } = await import(${JSON.stringify(join(import.meta.dirname, "data-directory.ts"))});
      const { takeServeLock } = await import(${JSON.stringify(join(import.meta.dirname, "serve-lock.ts"))});
      globalThis.lock = takeServeLock(locateDataDirectory(process.argv[1]));
      process.stdout.write("locked");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const directory = locateDataDirectory(folder);
    expect(() => takeServeLock(directory)).toThrow(CommandFailure);
    child.kill("SIGKILL");
    await once(child, "exit");
    takeServeLock(directory).release();
  });
});
