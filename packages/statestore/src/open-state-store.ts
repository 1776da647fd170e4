import { resolve } from "node:path";
import { BackupFailed, InvalidStateStoreUrl } from "./errors.ts";
import { withPatternSearches } from "./sql/restarts/pattern-searches.ts";
import { stateStoreOf } from "./sql/state-store-of.ts";
import type { Instant, StateStore } from "./state-store.ts";
import { type StateStoreLogger, silentLogger } from "./state-store-logger.ts";
import type { SchemaState } from "./state-store-schema.ts";

export interface StateStoreOptions {
  /** Now, in microseconds; for tests. */
  readonly clock?: () => Instant;
  /** SQLite: reading threads, at most. 2 unless told. */
  readonly readers?: number;
  /** PostgreSQL: connections, at most. 10 unless told. */
  readonly connections?: number;
  /** PostgreSQL: milliseconds after which a statement without an answer means that the server cannot be reached. Two minutes unless told. */
  readonly patience?: number;
  /** Hears of searches for restart patterns that were given up. Nobody, unless told. */
  readonly logger?: StateStoreLogger;
  /**
   * PostgreSQL: a migration that drops or rewrites may run, as the administrator has a backup. Refused unless told. On SQLite a backup is
   * taken beside the file.
   */
  readonly backupAtHand?: boolean;
  /** SQLite: hears of a backup that was taken before a migration. */
  readonly onBackup?: (file: string) => void;
  /** Address of a module with another list `migrations`; for tests. */
  readonly migrations?: string;
}

/**
 * Opens the state store at an address, bringing its schema up to date: `sqlite:FILE` (created if need be, directories with mode 700, the
 * file with 600; several processes may open one file) or `postgres://user:password@host/database`.
 * @throws {InvalidStateStoreUrl} {@link StateStoreUnavailable}, {@link IncompatibleDatabase}, {@link MigrationNeedsBackup}
 */
export async function openStateStore(url: string, options: StateStoreOptions = {}): Promise<StateStore> {
  const clock = options.clock ?? (() => Date.now() * 1000);
  const { backupAtHand = false, onBackup = () => {}, migrations = null } = options;
  const file = sqliteFile(url);
  if (file === null) {
    // Each engine is loaded only where it is used.
    const { openPostgresEngine } = await import("./sql/postgres/postgres-engine.ts");
    const { connections = 10, patience = 120_000 } = options;
    const engine = await openPostgresEngine(url, { clock, connections, patience, backupAtHand, migrations });
    return stateStoreOf(withPatternSearches(engine, options.logger ?? silentLogger));
  }
  const { openSqliteEngine } = await import("./sql/sqlite/sqlite-engine.ts");
  const readers = Math.max(1, options.readers ?? 2);
  const engine = await openSqliteEngine(file, { clock, readers, onBackup, migrations });
  return stateStoreOf(withPatternSearches(engine, options.logger ?? silentLogger));
}

/**
 * The version of the schema at an address, and what opening the store there would apply. Changes and creates nothing.
 * @throws {InvalidStateStoreUrl} {@link StateStoreUnavailable}, {@link IncompatibleDatabase}
 */
export async function readSchema(url: string, options: Pick<StateStoreOptions, "migrations"> = {}): Promise<SchemaState> {
  const file = sqliteFile(url);
  const [{ loadMigrations }, { missing }] = await Promise.all([
    import("./sql/migrations/load-migrations.ts"),
    import("./sql/migrations/migrate.ts"),
  ]);
  const migrations = await loadMigrations(options.migrations ?? null);
  const read = async () => {
    if (file === null) return (await import("./sql/postgres/schema-version.ts")).postgresSchemaVersion(url);
    const { sqliteSchemaVersion } = await import("./sql/sqlite/schema-version.ts");
    return { description: `SQLite ${file}`, version: sqliteSchemaVersion(file) };
  };
  const { description, version } = await read();
  return { description, version, pending: missing(version, migrations, description) };
}

/**
 * Copies the state of one moment into a new file, while others use the store. It is not opened, and so not migrated.
 * @param progress gets the part that is done, 0 to 1.
 * @throws {BackupFailed} also for PostgreSQL, which has its own means; {@link InvalidStateStoreUrl}
 */
export async function backupStateStore(url: string, target: string, progress?: (done: number) => void): Promise<void> {
  const file = sqliteFile(url);
  if (file === null) throw new BackupFailed("PostgreSQL is backed up by its own means: pg_dump", { file: target });
  const { backupFile } = await import("./sql/sqlite/backup-file.ts");
  await backupFile(file, resolve(target), progress);
}

/** The absolute path of a SQLite file; null for an address of PostgreSQL. */
function sqliteFile(url: string): string | null {
  if (/^postgres(ql)?:\/\//.test(url)) return null;
  const file = /^sqlite:(?:\/\/(?=\/))?(.+)$/s.exec(url)?.[1];
  if (file === undefined || file === ":memory:") {
    throw new InvalidStateStoreUrl(
      `the address of a state store must be sqlite:FILE or postgres://user:password@host/database; this one begins with ${JSON.stringify(url.split(":")[0])}`,
    );
  }
  return resolve(file);
}
