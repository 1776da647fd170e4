/** A copy of a SQLite file while others read and write it. */
import { closeSync, fsyncSync, linkSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { BackupFailed } from "../../errors.ts";

/** Pages (of 4 KiB) copied in one go. */
const pagesAtOnce = 2000;

/**
 * Writes the state of one moment, as one file that only its owner may read, checked and flushed to the disk. It appears under its name
 * when it is whole.
 * @param progress gets the part that is done, 0 to 1.
 * @throws {BackupFailed} where `target` exists or cannot be written.
 */
export async function backupFile(file: string, target: string, progress?: (done: number) => void): Promise<void> {
  const part = `${target}.part-${process.pid}`;
  try {
    closeSync(openSync(part, "wx", 0o600));
  } catch (error) {
    throw new BackupFailed(`the backup ${target} cannot be written: ${reasonOf(error)}`, { file: target });
  }
  try {
    await copy(file, part, progress);
    check(part);
    flush(part);
    // Unlike a renaming, a link never takes the place of what is there.
    linkSync(part, target);
    rmSync(part);
    flush(dirname(target));
  } catch (error) {
    if (error instanceof BackupFailed) throw error;
    throw new BackupFailed(`the backup ${target} failed: ${reasonOf(error)}`, { file: target });
  } finally {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(part + suffix, { force: true });
  }
}

async function copy(file: string, part: string, progress: ((done: number) => void) | undefined): Promise<void> {
  const source = new DatabaseSync(file, { timeout: 60_000 });
  try {
    // A transaction holds the moment. Without one SQLite begins again whenever another process commits: with a server that writes all
    // the time it never ended.
    source.exec("begin");
    source.prepare("select count(*) from sqlite_schema").get();
    await backup(source, part, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => progress?.(1 - remainingPages / Math.max(1, totalPages)),
    });
    source.exec("commit");
  } finally {
    source.close();
  }
}

/** A backup that cannot be read is found out now. It is left without a write-ahead log: one file, wherever it is kept. */
function check(part: string): void {
  const copied = new DatabaseSync(part);
  try {
    copied.exec("pragma journal_mode = delete");
    const rows = copied.prepare("pragma quick_check(10)").all() as { quick_check: string }[];
    const faults = rows.map((row) => row.quick_check).filter((text) => text !== "ok");
    if (faults.length > 0) {
      throw new BackupFailed(`the copy is not sound, and so is what it was made from: ${faults.join("; ")}`, { file: part });
    }
  } finally {
    copied.close();
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && "code" in error) {
    if (error.code === "EEXIST") return "there is a file of that name; give it another one";
    if (error.code === "ENOENT") return "its directory does not exist";
  }
  return error instanceof Error ? error.message : String(error);
}
