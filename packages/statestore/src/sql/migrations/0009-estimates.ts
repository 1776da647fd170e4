/**
 * What results say, kept beside them: a reading for each, made once; a summary for each Transformation, and the estimates of each network.
 *
 * Nothing is queued elsewhere. A result without a `reader` is one that has yet to be read, and every summary and network carries the number of the
 * change that it has seen (`revision`) beside the one that its text was computed from (`computed`): where they differ, there is work. So whoever
 * computes may be killed at any moment, and two who compute at once disturb nobody.
 */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function estimates(d: Dialect): readonly Fragment[] {
  return [
    // Version of what made the reading; null: there is none yet.
    sql`alter table result add column reader bigint`,
    sql`create index result_unread on result (id) where reader is null`,
    sql`create table result_reading (result ${d.countedKey}, text ${d.text} not null)`,
    // What the result was computed on, as far as the compute service says so; it comes after the result.
    sql`create table result_hardware (result ${d.countedKey}, name ${d.text} not null)`,
    // brief: what networks need of the text, which are read by the thousand.
    sql`create table transformation_estimate (
      transformation ${d.countedKey}, revision bigint not null, computed bigint not null, text ${d.text}, brief ${d.text}) ${d.busy}`,
    sql`create index transformation_estimate_stale on transformation_estimate (transformation) where revision > computed`,
    sql`create table network_estimate (network ${d.countedKey}, revision bigint not null, computed bigint not null) ${d.busy}`,
    sql`create index network_estimate_stale on network_estimate (network) where revision > computed`,
    // Apart: they are large, and the numbers above change often.
    sql`create table network_document (
      network bigint not null, name ${d.text} not null, text ${d.text} not null, primary key (network, name))`,
  ];
}
