import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { IncompatibleDatabase, StateStoreUnavailable } from "../../errors.ts";

/** Version of the schema in a file; 0 where there is none, or no file. Nothing is created. */
export function sqliteSchemaVersion(file: string): number {
  if (!existsSync(file)) return 0;
  try {
    const database = new DatabaseSync(file, { timeout: 60_000 });
    try {
      const table = database.prepare("select 1 from sqlite_schema where name = 'schema_version'").get();
      if (table === undefined) return 0;
      return Number(
        (database.prepare("select max(version) as version from schema_version").get() as { version: number }).version,
      );
    } finally {
      database.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/not a database|malformed/.test(reason))
      throw new IncompatibleDatabase(`${file} is no database of SQLite, or a damaged one`, { file });
    throw new StateStoreUnavailable(`the database file ${file} cannot be opened: ${reason}`, { file });
  }
}
