/**
 * Results can be followed, too: on PostgreSQL a transaction says how far their ids had come before it wrote one, as it does for events
 * (`0002-events-of-networks.ts`). On SQLite, where one transaction writes at a time, there is nothing to say.
 */
import type { Dialect } from "../dialect.ts";
import { resultHorizonTag } from "../postgres/result-horizon.ts";
import { type Fragment, sql, text } from "../statement.ts";

export function resultsInOrder(d: Dialect): readonly Fragment[] {
  if (d.name === "SQLite") return [];
  return [
    sql`create function announce_results() returns trigger language plpgsql as $$ begin
      perform pg_advisory_xact_lock_shared(${text(String(resultHorizonTag * 2n ** 48n))} + last_value - case when is_called then 0 else 1 end)
      from result_id_seq;
      return null;
    end $$`,
    sql`create trigger announce_results before insert on result for each statement execute function announce_results()`,
  ];
}
