/** This program's migrations and two of a later version that there may be; loaded by name, also in the threads of an engine. */
import { type Migration, migrations as released } from "../src/sql/migrations/migrations.ts";
import { sql } from "../src/sql/statement.ts";

export const migrations: readonly Migration[] = [
  ...released,
  { title: "a table for tests", rewrites: false, statements: () => [sql`create table later (id bigint not null primary key)`] },
  {
    title: "everybody gets an address",
    rewrites: true,
    statements: () => [sql`update identity set email = identifier`, sql`alter table identity drop column full_name`],
  },
];
