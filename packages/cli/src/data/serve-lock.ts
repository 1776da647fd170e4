/** One server a data directory. */
import { DatabaseSync } from "node:sqlite";
import { CommandFailure } from "../usage-error.ts";
import type { DataDirectory } from "./data-directory.ts";
import { readServerFile } from "./server-file.ts";

export interface ServeLock {
  release(): void;
}

/**
 * Takes the directory for this process. Node has no file locks of its own, so SQLite's are used: an open exclusive transaction on an
 * otherwise empty database. The operating system lets it go when the process ends, however it ends.
 * @throws {CommandFailure} when another process serves the directory.
 */
export function takeServeLock(directory: DataDirectory): ServeLock {
  const database = new DatabaseSync(directory.lockFile, { timeout: 0 });
  try {
    // No journal: nothing is ever written, and a journal file left by a killed process would have to be rolled back.
    database.exec("pragma journal_mode = off; begin exclusive");
  } catch (error) {
    database.close();
    if (!(error instanceof Error) || !/locked|busy/i.test(error.message)) throw error;
    const server = readServerFile(directory);
    const who = server === null ? "Another server" : `A server (process ${server.pid}, ${server.userAddress})`;
    throw new CommandFailure(
      `${who} already serves ${directory.path}. Stop it first, or give this one another directory with --data DIR.`,
    );
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}
