/** Locks between processes of one machine. */
import { DatabaseSync } from "node:sqlite";

export interface FileLock {
  release(): void;
}

/**
 * Takes a lock file, which is made where it is missing and stays; null while another process has it. Node has no file locks of its own,
 * so SQLite's are used: an open exclusive transaction on an otherwise empty database. The operating system lets it go when the process
 * ends, however it ends.
 */
export function takeFileLock(file: string): FileLock | null {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // No journal: nothing is ever written, and a journal file left by a killed process would have to be rolled back.
    database.exec("pragma journal_mode = off; begin exclusive");
  } catch (error) {
    database.close();
    if (!(error instanceof Error) || !/locked|busy/i.test(error.message)) throw error;
    return null;
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}
