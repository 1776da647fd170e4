/** One process an API on a SQLite file. */
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Api } from "@alchemiscale/contract";
import { CommandFailure } from "../usage-error.ts";
import { type FileLock, takeFileLock } from "./file-lock.ts";

/**
 * Takes the APIs of a SQLite file for this process; of another store there is nothing to take.
 * @param stateStore address of the state store.
 * @throws {CommandFailure} when another process on this machine serves one of them.
 */
export function takeApiLocks(stateStore: string, apis: readonly Api[]): FileLock {
  const file = sqliteFileOf(stateStore);
  const taken: FileLock[] = [];
  const release = () => {
    for (const lock of taken) lock.release();
  };
  for (const api of file === null ? [] : apis) {
    mkdirSync(dirname(file ?? ""), { recursive: true, mode: 0o700 });
    const lock = takeFileLock(`${file}.${api}-api.lock`);
    if (lock === null) {
      release();
      throw new CommandFailure(
        `another process serves the ${api} API on ${file}. A SQLite file is for one process an API; for more of them keep the state in PostgreSQL (ALCHEMISCALE_STATE_STORE_URL=postgres://…).`,
      );
    }
    taken.push(lock);
  }
  return { release };
}

/** The path of a SQLite file, absolute; null for another store. */
export function sqliteFileOf(stateStore: string): string | null {
  const file = /^sqlite:(?:\/\/(?=\/))?(.+)$/s.exec(stateStore)?.[1];
  return file === undefined ? null : resolve(file);
}
