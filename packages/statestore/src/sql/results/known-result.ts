/** A result with its Task and its Transformation, as rows of the store give it. */
import type { KnownResult } from "../../state-store.ts";
import { joinKey } from "../scoped-keys.ts";
import { type Fragment, sql } from "../statement.ts";

export interface KnownResultRow {
  readonly id: number;
  readonly token: string;
  readonly scope: string;
  readonly task: string;
  readonly transformation: string;
  readonly result_key: string;
  readonly ok: number;
  readonly location: string | null;
  readonly created: string | null;
  readonly creator: string | null;
}

/** The columns of a {@link KnownResultRow}, of the tables in {@link knownResultNames}. */
export const knownResultColumns: Fragment = sql`
  r.id as id, r.token as token, s.text as scope, t.token as task, o.key as transformation, r.result_key as result_key, r.ok as ok,
  r.location as location, r.created as created, a.name as creator`;

/** Joins what is known of results to `found`, which has their ids. */
export const knownResultNames: Fragment = sql`
  join result r on r.id = found.id join task t on t.id = r.task join object o on o.id = t.transformation
  join scope s on s.id = t.scope left join agent a on a.id = r.creator`;

export function knownResult(row: KnownResultRow): KnownResult {
  return {
    cursor: row.id,
    ref: joinKey(`ProtocolDAGResultRef-${row.token}`, row.scope),
    task: joinKey(`Task-${row.task}`, row.scope),
    transformation: joinKey(row.transformation, row.scope),
    resultKey: row.result_key,
    ok: row.ok !== 0,
    location: row.location ?? "",
    created: row.created ?? "",
    creator: row.creator,
  };
}
