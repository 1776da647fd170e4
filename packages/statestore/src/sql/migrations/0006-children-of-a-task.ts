/**
 * How many Tasks extend one, for PostgreSQL's planner. From an average it took every Task to have 100,000 children where one had, and then read all Tasks
 * with each result, to find those that had waited for it.
 */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function childrenOfATask(d: Dialect): readonly Fragment[] {
  if (d.name === "SQLite") return [];
  return [
    // One value for every two rows, whatever is found.
    sql`alter table task alter column extends set (n_distinct = -0.5)`,
    // It counts when the table is analyzed next. An empty table must not be: the plans that are made then take it to stay empty.
    sql`do $$ begin if exists (select 1 from task) then analyze task; end if; end $$`,
  ];
}
