/** One server a data directory. */
import { CommandFailure } from "../usage-error.ts";
import type { DataDirectory } from "./data-directory.ts";
import { type FileLock, takeFileLock } from "./file-lock.ts";
import { readServerFile } from "./server-file.ts";

/**
 * Takes the directory for this process.
 * @throws {CommandFailure} when another process serves the directory.
 */
export function takeServeLock(directory: DataDirectory): FileLock {
  const lock = takeFileLock(directory.lockFile);
  if (lock !== null) return lock;
  const server = readServerFile(directory);
  const who = server === null ? "Another server" : `A server (process ${server.pid}, ${server.userAddress})`;
  throw new CommandFailure(
    `${who} already serves ${directory.path}. Stop it first, or give this one another directory with --data DIR.`,
  );
}
