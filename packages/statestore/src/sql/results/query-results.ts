import type { ScopedKey } from "@alchemiscale/contract";
import type { ResultRef } from "../../state-store.ts";
import { joinKey, splitKey, splitToken } from "../scoped-keys.ts";
import { type Fragment, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const className = "ProtocolDAGResultRef";

const selectOfTask = statement<{ token: string; scope: string; ok: number }, { token: string }>(
  (p) => sql`
    select r.token as token from task t join scope s on s.id = t.scope join result r on r.task = t.id
    where t.token = ${p.token} and s.text = ${p.scope} and r.ok = ${p.ok} order by r.id`,
);
const selectOfTransformation = statement<{ key: string; scope: string; ok: number }, { token: string }>(
  (p) => sql`
    select r.token as token from scope s cross join object o cross join task t cross join result r
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and t.transformation = o.id and r.task = t.id and r.ok = ${p.ok}
    order by r.id`,
);

interface RefRow {
  readonly token: string;
  readonly scope: string;
  readonly result_key: string;
  readonly ok: number;
  readonly location: string | null;
  readonly created: string | null;
  readonly creator: string | null;
}

const refColumns: Fragment = sql`
  r.token as token, s.text as scope, r.result_key as result_key, r.ok as ok, r.location as location, r.created as created, a.name as creator`;

const select = statement<{ token: string; scope: string }, RefRow>(
  (p) => sql`
    select ${refColumns} from result r join task t on t.id = r.task join scope s on s.id = t.scope left join agent a on a.id = r.creator
    where r.token = ${p.token} and s.text = ${p.scope} order by r.id limit 1`,
);
const selectTracebacks = statement<
  { token: string; scope: string },
  { source_key: string; failure_key: string; traceback: string }
>(
  (p) => sql`
    select b.source_key as source_key, b.failure_key as failure_key, b.traceback as traceback
    from result r join task t on t.id = r.task join scope s on s.id = t.scope join traceback b on b.result = r.id
    where r.id = (select min(same.id) from result same where same.token = ${p.token}) and s.text = ${p.scope} order by b.position`,
);
const selectForExecution = statement<{ token: string; scope: string }, { key: string; extends: number | null }>(
  (p) => sql`
    select o.key as key, t.extends as extends from task t join scope s on s.id = t.scope join object o on o.id = t.transformation
    where t.token = ${p.token} and s.text = ${p.scope}`,
);
const selectNewestOk = statement<{ task: number }, RefRow>(
  (p) => sql`
    select ${refColumns} from result r join task t on t.id = r.task join scope s on s.id = t.scope left join agent a on a.id = r.creator
    where r.task = ${p.task} and r.ok = 1 order by r.created desc, r.id desc limit 1`,
);

/** Distinct refs, oldest first. */
export async function resultsOfTask(tx: Transaction, task: ScopedKey, ok: boolean): Promise<ScopedKey[]> {
  const [token, scope] = splitToken(task, "Task");
  return keys(await tx.all(selectOfTask, { token, scope, ok: ok ? 1 : 0 }), scope);
}

/** Over all Tasks of the Transformation, whatever their status. */
export async function resultsOfTransformation(tx: Transaction, transformation: ScopedKey, ok: boolean): Promise<ScopedKey[]> {
  const [key, scope] = splitKey(transformation);
  return keys(await tx.all(selectOfTransformation, { key, scope, ok: ok ? 1 : 0 }), scope);
}

export async function getResult(tx: Transaction, ref: ScopedKey): Promise<ResultRef | null> {
  const [token, scope] = splitToken(ref, className);
  const row = await tx.first(select, { token, scope });
  return row === undefined ? null : refOf(row);
}

/** What a compute service needs to run a Task; null when the Task is missing. The newest ok result of what it extends [D14]. */
export async function forExecution(
  tx: Transaction,
  task: ScopedKey,
): Promise<{ readonly transformation: ScopedKey; readonly extended: ResultRef | null } | null> {
  const [token, scope] = splitToken(task, "Task");
  const row = await tx.first(selectForExecution, { token, scope });
  if (row === undefined) return null;
  const extended = row.extends === null ? undefined : await tx.first(selectNewestOk, { task: row.extends });
  return { transformation: joinKey(row.key, scope), extended: extended === undefined ? null : refOf(extended) };
}

export async function tracebacks(
  tx: Transaction,
  ref: ScopedKey,
): Promise<{ readonly sourceKey: string; readonly failureKey: string; readonly traceback: string }[]> {
  const [token, scope] = splitToken(ref, className);
  const rows = await tx.all(selectTracebacks, { token, scope });
  return rows.map((row) => ({ sourceKey: row.source_key, failureKey: row.failure_key, traceback: row.traceback }));
}

function keys(rows: readonly { readonly token: string }[], scope: string): ScopedKey[] {
  return [...new Set(rows.map((row) => row.token))].map((token) => joinKey(`${className}-${token}`, scope));
}

function refOf(row: RefRow): ResultRef {
  return {
    ref: joinKey(`${className}-${row.token}`, row.scope),
    resultKey: row.result_key,
    ok: row.ok !== 0,
    location: row.location ?? "",
    created: row.created ?? "",
    creator: row.creator,
  };
}
