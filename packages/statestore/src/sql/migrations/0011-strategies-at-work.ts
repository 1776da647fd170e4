/**
 * What strategists need beside a strategy: the members of its stack, and what was decided at each iteration.
 *
 * `version` is another text after every change of a strategy: whoever has read it writes what came of it only where it is still the same, so that two
 * who execute one strategy at a time do nothing twice.
 */
import type { Dialect } from "../dialect.ts";
import { type Fragment, sql } from "../statement.ts";

export function strategiesAtWork(d: Dialect): readonly Fragment[] {
  return [
    sql`alter table strategy add column version ${d.text} not null default ''`,
    sql`alter table strategy add column combine ${d.text} not null default 'weighted'`,
    sql`alter table strategy add column max_gpu_hours double precision`,
    // Why nobody could execute it; null: somebody could.
    sql`alter table strategy add column blocked ${d.text}`,
    // A strategy alone is a stack of one; `strategy.object` is that of the first member.
    sql`create table strategy_member (
      network bigint not null, position bigint not null, object bigint not null, weight double precision not null, role ${d.text} not null,
      until_word ${d.text} not null, max_gpu_hours double precision, status ${d.text} not null, exception_type ${d.text},
      exception_message ${d.text}, traceback ${d.text}, primary key (network, position))`,
    sql`insert into strategy_member (network, position, object, weight, role, until_word, status, exception_type, exception_message, traceback)
      select network, 0, object, 1, 'add', 'done', status, exception_type, exception_message, traceback from strategy`,
    // created: JSON of the tokens of Tasks.
    sql`create table strategy_decision (
      id ${d.countedKey}, network bigint not null, at bigint not null, iteration bigint not null, strategy bigint not null,
      status ${d.text} not null, text ${d.text} not null, created ${d.text} not null)`,
    sql`create index strategy_decision_network on strategy_decision (network, id)`,
  ];
}
