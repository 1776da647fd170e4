/** Brings a database to the schema of this version. */
import { IncompatibleDatabase } from "../../errors.ts";
import type { PendingMigration } from "../../state-store-schema.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { type Migration, migrations as released } from "./migrations.ts";

const createVersions = statement(
  (_, d) =>
    sql`create table if not exists schema_version (version bigint not null primary key, applied bigint not null) ${d.clustered}`,
);
const current = statement<Record<never, never>, { version: number | null }>(
  () => sql`select max(version) as version from schema_version`,
);
const applied = statement<{ version: number; now: number }>(
  (p) => sql`insert into schema_version (version, applied) values (${p.version}, ${p.now})`,
);

export interface MigrateOptions {
  /** Those of this program unless told. */
  readonly migrations?: readonly Migration[];
  /** Called before the first one that drops or rewrites, on a database that holds something; what it throws ends the migration. */
  readonly beforeRewriting?: (rewriting: readonly PendingMigration[]) => Promise<void>;
}

/**
 * Applies what is missing. To be run in one transaction that excludes every other one (an immediate one; an advisory lock), so that
 * several processes may open the same database at once.
 * @throws {IncompatibleDatabase} when the database is newer than this program.
 */
export async function migrate(tx: Transaction, description: string, options: MigrateOptions = {}): Promise<void> {
  const { migrations = released, beforeRewriting } = options;
  await tx.run(createVersions, {});
  const version = (await tx.first(current, {}))?.version ?? 0;
  const pending = missing(version, migrations, description);
  const rewriting = pending.filter(({ rewrites }) => rewrites);
  if (version > 0 && rewriting.length > 0) await beforeRewriting?.(rewriting);
  for (const step of pending) {
    for (const fragment of migrations[step.version - 1]?.statements(tx.dialect) ?? []) {
      const define = statement(() => fragment);
      try {
        await tx.run(define, {});
      } catch (error) {
        throw version === 0 ? foreign(error, description) : error;
      }
    }
    await tx.run(applied, { version: step.version, now: tx.now });
  }
}

/**
 * The migrations that a database of that version lacks; 0 is an empty one.
 * @throws {IncompatibleDatabase} when it is newer than this program.
 */
export function missing(version: number, migrations: readonly Migration[], description: string): PendingMigration[] {
  if (version > migrations.length) {
    throw new IncompatibleDatabase(
      `${description} has schema version ${version}, and this program knows versions up to ${migrations.length}: use the newer program that wrote it`,
      { version, known: migrations.length },
    );
  }
  return migrations.slice(version).map(({ title, rewrites }, i) => ({ version: version + i + 1, title, rewrites }));
}

/** A database without a version that has tables of the same names belongs to something else. */
function foreign(error: unknown, description: string): unknown {
  if (!(error instanceof Error) || !/already exists/.test(error.message)) return error;
  return new IncompatibleDatabase(
    `${description} holds tables of something else (${error.message}): give the state store a file or a database of its own`,
  );
}
