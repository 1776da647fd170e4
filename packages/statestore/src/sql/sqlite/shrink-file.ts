import { DatabaseSync } from "node:sqlite";

/** Rebuilds the file without what was erased, which otherwise stays readable in free pages. */
export function shrinkFile(file: string): void {
  const database = new DatabaseSync(file, { timeout: 60_000 });
  try {
    database.exec("vacuum; pragma wal_checkpoint(truncate)");
  } finally {
    database.close();
  }
}
