/** What was done to identities: beside the event log, which speaks of Tasks and networks. The latest are read first, by id. */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function identityChanges(d: Dialect): readonly Fragment[] {
  return [
    sql`create table identity_change (
      id ${d.countedKey}, at bigint not null, type ${d.text} not null, identifier ${d.text} not null, change ${d.text} not null,
      actor ${d.text})`,
  ];
}
