/**
 * Rows that come by the hundreds, as a value. What is fastest differs: over a wire it is one statement with all rows in a list; inside this process reading such
 * a list costs more than writing the rows (2,196 pairs: 1.4 ms), and statements with places for some dozens of rows take a third of it.
 */
import type { ColumnType } from "./dialect.ts";
import { type Statement, sql, statement, text } from "./statement.ts";

export interface Insertion {
  /** For rows as a JSON array of arrays. */
  readonly ofList: Statement<{ rows: string }, Record<string, never>>;
  /** The text with places for so many rows, the values of each in the order of the columns. */
  readonly ofValues: (rows: number) => string;
}

/** Into `columns` of `table`; a row whose `key` is there already is left out. */
export function insertion(table: string, columns: Readonly<Record<string, ColumnType>>, key: string): Insertion {
  const names = Object.keys(columns);
  const into = `insert into ${table} (${names.join(", ")})`;
  const unlessThere = `on conflict (${key}) do nothing`;
  return {
    ofList: statement<{ rows: string }>(
      (p, d) =>
        sql`${text(into)} select ${text(names.join(", "))} from ${d.rows(p.rows, columns)} as r where true ${text(unlessThere)}`,
    ),
    ofValues: (rows) =>
      `${into} values ${Array(rows)
        .fill(`(${names.map(() => "?").join(", ")})`)
        .join(", ")} ${unlessThere}`,
  };
}
