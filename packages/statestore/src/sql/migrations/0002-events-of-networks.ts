/**
 * The event log can be followed: by network as by Task, and on PostgreSQL without ever missing a row.
 *
 * Ids are given when rows are written and seen when their transaction commits, so on PostgreSQL a higher id may be seen before a lower
 * one. Every transaction therefore says how far the ids had come before it wrote its first event, as the key of a shared advisory lock,
 * which nobody waits for and which lasts until its rows are seen; `event-horizon.ts` reads these. Triggers, because one insert that does not
 * say so would be enough to lose a row. A column with the transaction's own id would do as well until the first dump and restore.
 */
import type { Dialect } from "../dialect.ts";
import { horizonTag } from "../postgres/event-horizon.ts";
import { type Fragment, sql, text } from "../statement.ts";

export function eventsOfNetworks(d: Dialect): readonly Fragment[] {
  return [
    sql`create table network_event (network bigint not null, event bigint not null, primary key (network, event)) ${d.clustered}`,
    sql`insert into network_event (network, event)
      select network, id from event where network is not null
      union
      select nt.network, e.id from event e join task t on t.id = e.task join network_transformation nt on nt.transformation = t.transformation`,
    ...(d.name === "SQLite" ? onSqlite : onPostgres),
  ];
}

const onSqlite: readonly Fragment[] = [
  sql`create trigger event_of_network after insert on event when new.network is not null begin
    insert into network_event (network, event) values (new.network, new.id);
  end`,
  sql`create trigger event_of_networks after insert on event when new.task is not null begin
    insert into network_event (network, event)
    select nt.network, new.id from task t cross join network_transformation nt
    where t.id = new.task and nt.transformation = t.transformation and nt.network is not new.network;
  end`,
];

const onPostgres: readonly Fragment[] = [
  sql`create function announce_events() returns trigger language plpgsql as $$ begin
    perform pg_advisory_xact_lock_shared(${text(String(horizonTag * 2n ** 48n))} + last_value - case when is_called then 0 else 1 end)
    from event_id_seq;
    return null;
  end $$`,
  sql`create trigger announce_events before insert on event for each statement execute function announce_events()`,
  // "offset 0" keeps it to one index look-up an event, also where the plan was made for many.
  sql`create function link_events() returns trigger language plpgsql as $$ begin
    insert into network_event (network, event)
    select network, id from written where network is not null
    union
    select n.network, e.id from written e cross join lateral (
      select nt.network from task t join network_transformation nt on nt.transformation = t.transformation where t.id = e.task offset 0) as n;
    return null;
  end $$`,
  sql`create trigger link_events after insert on event referencing new table as written for each statement execute function link_events()`,
];
