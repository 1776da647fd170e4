/**
 * Lists on PostgreSQL, through functions that say to the planner: one entry. It takes any JSON array to have a hundred, so while the tables are
 * small it goes through a whole table rather than look entries up in it; that plan is kept, and is quadratic once a user has created ten thousand
 * Tasks (measured: two minutes instead of a third of a second). Looking each entry up is never far from the best. `volatile` keeps
 * the planner from seeing through them.
 */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function listsAsSmall(d: Dialect): readonly Fragment[] {
  return d.name === "SQLite" ? [] : onPostgres;
}

const onPostgres: readonly Fragment[] = [
  sql`create function list_values(list json) returns table (value text, ord bigint) language sql volatile rows 1
    as $$ select e.value, e.ord - 1 from json_array_elements_text(list) with ordinality as e (value, ord) $$`,
  sql`create function list_rows(list json) returns table (value json, ord bigint) language sql volatile rows 1
    as $$ select e.value, e.ord - 1 from json_array_elements(list) with ordinality as e (value, ord) $$`,
];
