/**
 * On PostgreSQL the networks of an event are found from its Task, whatever the planner thinks of the tables: a plan that was made when
 * they were small began at the network, and read every Task of the Transformation for each event.
 */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function networksOfAnEvent(d: Dialect): readonly Fragment[] {
  return d.name === "SQLite" ? [] : onPostgres;
}

// Each "offset 0" keeps what stands in its parentheses to itself.
const onPostgres: readonly Fragment[] = [
  sql`create or replace function link_events() returns trigger language plpgsql as $$ begin
    insert into network_event (network, event)
    select network, id from written where network is not null
    union
    select n.network, e.id from written e cross join lateral (
      select nt.network from (select t.transformation from task t where t.id = e.task offset 0) as t
      cross join lateral (select nt.network from network_transformation nt where nt.transformation = t.transformation offset 0) as nt
      offset 0) as n;
    return null;
  end $$`,
];
