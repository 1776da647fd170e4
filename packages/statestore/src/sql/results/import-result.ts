import { randomUUID } from "node:crypto";
import type { ResultImport, ResultOperations } from "../../state-store.ts";
import { statusCode } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { findTransformations, transformationNotFound } from "../tasks/create-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { recordResult } from "./record-result.ts";
import { resultOf } from "./results-of-transformation.ts";

const lock = statement<{ transformation: number }, { id: number }>(
  (p, d) => sql`select t.id as id from transformation t where t.id = ${p.transformation} ${d.lock("t", "update")}`,
);
const selectTaskOf = statement<{ transformation: number; resultKey: string }, { task: number }>(
  (p) => sql`
    select min(x.id) as task from task x cross join result y
    where x.transformation = ${p.transformation} and y.task = x.id and y.result_key = ${p.resultKey} and y.ok = 1
    having min(x.id) is not null`,
);
const insertTask = statement<
  {
    token: string;
    scope: number;
    transformation: number;
    extended: number | null;
    status: number;
    now: number;
    creator: number | null;
  },
  { id: number }
>(
  (p) => sql`
    insert into task (token, scope, transformation, extends, status, priority, created, creator)
    values (${p.token}, ${p.scope}, ${p.transformation}, ${p.extended}, ${p.status}, 10, ${p.now}, ${p.creator}) returning id`,
);

/** In place of a compute service: who computed it is not known here. */
const creator = "imported";

/**
 * A result that was computed elsewhere, with a Task of its own that has come to its end and was on no hub. Where the Transformation has it already,
 * of whatever Task, nothing is written.
 * @throws {TransformationNotFound}
 */
export async function importResult(tx: Transaction, result: ResultImport): ReturnType<ResultOperations["import"]> {
  const { transformation, resultKey, ok, extendsKey } = result;
  const found = (await findTransformations(tx, [transformation])).get(transformation);
  if (found === undefined) throw transformationNotFound(transformation);
  // The same result twice at once: the second finds what the first has written.
  if (tx.dialect.locksRows) await tx.first(lock, { transformation: found.id });
  const there = await resultOf(tx, found.id, resultKey, ok);
  if (there !== null) return { ref: there.ref, task: there.task, imported: false };

  const extended =
    extendsKey === null ? undefined : await tx.first(selectTaskOf, { transformation: found.id, resultKey: extendsKey });
  const status = ok ? "complete" : "error";
  const token = randomUUID().replaceAll("-", "");
  const row = await tx.first(insertTask, {
    token,
    scope: found.scope,
    transformation: found.id,
    extended: extended?.task ?? null,
    status: statusCode(status),
    now: tx.now,
    creator: await internAgent(tx, result.actor.identity),
  });
  if (row === undefined) throw new Error("a row that was inserted has an id");
  const task = { id: row.id, key: joinKey(`Task-${token}`, splitKey(transformation)[1]) };
  const actor = { ...result.actor, reason: creator };
  await recordEvents(tx, "create", [{ task: task.id, to: status }], actor);
  const { ref } = await recordResult(tx, task, result, creator, actor);
  return { ref, task: task.key, imported: true };
}
