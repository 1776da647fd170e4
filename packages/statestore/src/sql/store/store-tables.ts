import type { Dialect } from "../dialect.ts";
import { migrations } from "../migrations/migrations.ts";
import { compile, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectSqlite = statement<Record<never, never>, { name: string }>(
  () => sql`select name from sqlite_schema where type = 'table'`,
);
const selectPostgres = statement<Record<never, never>, { name: string }>(
  () => sql`select cast(tablename as text) as name from pg_catalog.pg_tables where schemaname = current_schema()`,
);

/** The tables of the store that exist. A database may hold others, which are not ours. */
export async function storeTables(tx: Transaction): Promise<string[]> {
  const there = await tx.all(tx.dialect.name === "SQLite" ? selectSqlite : selectPostgres, {});
  const ours = new Set(["schema_version", ...made("table", tx.dialect)]);
  return there.map(({ name }) => name).filter((name) => ours.has(name));
}

/** The functions that migrations have made. */
export function storeFunctions(dialect: Dialect): string[] {
  return made("function", dialect);
}

/** Read from the migrations themselves, so that none can be forgotten. */
function made(kind: "table" | "function", dialect: Dialect): string[] {
  const create = new RegExp(`^\\s*create (?:or replace )?${kind} (?:if not exists )?(\\w+)`, "i");
  return migrations.flatMap(({ statements }) =>
    statements(dialect).flatMap((fragment) => {
      const { text } = compile(
        statement(() => fragment),
        dialect,
      );
      return create.exec(text)?.[1] ?? [];
    }),
  );
}
