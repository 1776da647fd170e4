import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor, ReportedResult } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { refToken } from "./ref-token.ts";

const insert = statement<
  {
    task: number;
    token: string;
    resultKey: string;
    ok: number;
    location: string | null;
    created: string;
    creator: number | null;
  },
  { id: number }
>(
  (p) => sql`
    insert into result (task, token, result_key, ok, location, created, creator)
    values (${p.task}, ${p.token}, ${p.resultKey}, ${p.ok}, ${p.location}, ${p.created}, ${p.creator})
    on conflict (task, result_key, ok) do nothing returning id`,
);
const selectToken = statement<{ task: number; resultKey: string; ok: number }, { token: string }>(
  (p) => sql`select token from result where task = ${p.task} and result_key = ${p.resultKey} and ok = ${p.ok}`,
);
const insertTracebacks = statement<{ result: number; tracebacks: string }>(
  (p, d) => sql`
    insert into traceback (result, position, source_key, failure_key, traceback)
    select cast(${p.result} as bigint), ord, source_key, failure_key, traceback
    from ${d.rows(p.tracebacks, { source_key: "text", failure_key: "text", traceback: "text" })} as t`,
);
/** Takes the place of a traceback that is missing or empty, so that a failed result is always seen as one [D13]. */
export const tracebackPlaceholder = "(no traceback was reported)";

/**
 * The row of a result with its tracebacks and its event: what every result has, wherever it comes from. One that is there already for the same
 * (Task, result key, ok) stays as it is, and its ref is given; `added` is the row's id where there was none.
 */
export async function recordResult(
  tx: Transaction,
  task: { readonly id: number; readonly key: ScopedKey },
  { resultKey, ok: isOk, location, created, failures }: ReportedResult,
  creator: string,
  actor: Actor,
): Promise<{ readonly ref: ScopedKey; readonly added: number | null }> {
  const [, scope] = splitKey(task.key);
  const ok = isOk ? 1 : 0;
  const token = refToken({ location, resultKey, scope, ok: isOk, created, creator });
  const inserted = await tx.first(insert, {
    task: task.id,
    token,
    resultKey,
    ok,
    location,
    created,
    creator: await internAgent(tx, creator),
  });
  if (inserted === undefined) {
    const first = await tx.first(selectToken, { task: task.id, resultKey, ok });
    return { ref: joinKey(`ProtocolDAGResultRef-${first?.token}`, scope), added: null };
  }
  await recordEvents(tx, "result", [{ task: task.id, from: resultKey, to: isOk ? "ok" : "failed" }], actor);
  if (!isOk) {
    const told = failures.length > 0 ? failures : [{ sourceKey: "", failureKey: "", traceback: "" }];
    const rows = told.map(({ sourceKey, failureKey, traceback }) => [
      storable(sourceKey),
      storable(failureKey),
      traceback === "" ? tracebackPlaceholder : storable(traceback),
    ]);
    await tx.run(insertTracebacks, { result: inserted.id, tracebacks: JSON.stringify(rows) });
  }
  return { ref: joinKey(`ProtocolDAGResultRef-${token}`, scope), added: inserted.id };
}
