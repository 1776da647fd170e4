/** What runs a compute service, as far as it says so: a JSON object of versions by name. */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function versionsOfServices(d: Dialect): readonly Fragment[] {
  return [sql`alter table service add column versions ${d.text}`];
}
