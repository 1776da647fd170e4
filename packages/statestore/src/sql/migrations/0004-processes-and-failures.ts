/** API processes and what they take in turns; failures of compute services, kept when the registration goes. */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function processesAndFailures(d: Dialect): readonly Fragment[] {
  return [
    sql`create table api_process (
      id ${d.text} not null primary key, kind ${d.text} not null, host ${d.text} not null, pid bigint not null, started bigint not null,
      heartbeat bigint not null, until bigint not null) ${d.clustered}`,
    // What one process at a time does. One row a duty.
    sql`create table lease (name ${d.text} not null primary key, holder ${d.text} not null, until bigint not null) ${d.clustered}`,
    // One row: since when, and until when at least, compute services can reach an API process. Null before the first one.
    sql`create table liveness (id bigint not null primary key, since bigint, until bigint) ${d.clustered}`,
    sql`insert into liveness (id, since, until) values (1, null, null)`,

    // Where the service runs, as far as it says so.
    sql`alter table service add column host ${d.text}`,
    // identity: 0 where unknown; host: empty where unknown. So they can be compared.
    sql`create table failure (
      id ${d.countedKey}, at bigint not null, identity bigint not null, name ${d.text} not null, host ${d.text} not null,
      service bigint not null, task bigint not null)`,
    sql`create index failure_of on failure (name, identity, host, at)`,
  ];
}
