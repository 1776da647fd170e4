import { randomUUID } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import { CannotExtend, TransformationNotFound } from "../../errors.ts";
import { mayBeExtended } from "../../rules/status-machine.ts";
import type { Actor } from "../../state-store.ts";
import { kindCode } from "../codes.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { className, joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { findTasks, type TaskRow } from "./find-tasks.ts";

const selectTransformations = statement<{ keys: string }, { ord: number; id: number; scope: number }>(
  (p, d) => sql`
    select k.ord as ord, t.id as id, t.scope as scope from ${d.rows(p.keys, { key: "text", scope: "text" })} as k
    cross join scope s cross join object o cross join transformation t
    where s.text = k.scope and o.scope = s.id and o.key = k.key and t.id = o.id`,
);
const insert = statement<{ tasks: string; creator: number | null; now: number }>(
  (p, d) => sql`
    insert into task (token, scope, transformation, extends, status, priority, created, creator)
    select token, scope, transformation, extends, 0, 10, cast(${p.now} as bigint), cast(${p.creator} as bigint)
    from ${d.rows(p.tasks, { token: "text", scope: "bigint", transformation: "bigint", extends: "bigint" })} as t order by ord`,
);
const log = statement<{
  tokens: string;
  now: number;
  kind: number;
  identity: number | null;
  service: number | null;
  strategy: number | null;
  reason: string | null;
}>(
  (p, d) => sql`
    insert into event (at, kind, task, became, identity, service, strategy, reason)
    select cast(${p.now} as bigint), cast(${p.kind} as smallint), t.id, 'waiting', cast(${p.identity} as bigint),
      cast(${p.service} as bigint), cast(${p.strategy} as bigint), cast(${p.reason} as text)
    from ${d.list(p.tokens, "text")} as k cross join task t where t.token = k.value order by k.ord`,
);

/** One new Task per entry, in its own Transformation's scope; all or none (§5.1). */
export async function createTasks(
  tx: Transaction,
  transformations: readonly ScopedKey[],
  extend: readonly (ScopedKey | null)[] | null,
  creator: string | null,
  actor: Actor,
): Promise<ScopedKey[]> {
  if (extend !== null && extend.length !== transformations.length) {
    throw new CannotExtend(
      `\`extends\` must be omitted or have one entry for each Transformation: it has ${extend.length} for ${transformations.length}`,
      { extends: null, reason: "length" },
    );
  }
  if (transformations.length === 0) return [];
  const found = await findTransformations(tx, transformations);
  const extended = extend === null ? null : await findExtended(tx, extend);

  const rows = transformations.map((key, i) => {
    const transformation = found.get(key);
    if (transformation === undefined) throw transformationNotFound(key);
    const parent = extended?.[i] ?? null;
    if (parent !== null && parent.transformation !== transformation.id) {
      throw new CannotExtend(
        `Cannot extend ${parent.key}: it performs another Transformation than ${key}, and a Task extends one of its own Transformation`,
        { extends: parent.key, transformation: key, reason: "transformation" },
      );
    }
    return [randomUUID().replaceAll("-", ""), transformation.scope, transformation.id, parent?.id ?? null] as const;
  });
  await tx.run(insert, { tasks: JSON.stringify(rows), creator: await internAgent(tx, creator), now: tx.now });
  await tx.run(log, {
    tokens: JSON.stringify(rows.map(([token]) => token)),
    now: tx.now,
    kind: kindCode("create"),
    identity: await internAgent(tx, actor.identity),
    service: await internAgent(tx, actor.service),
    strategy: await internAgent(tx, actor.strategy),
    reason: actor.reason === undefined ? null : storable(actor.reason),
  });
  return transformations.map((key, i) => joinKey(`Task-${rows[i]?.[0]}`, splitKey(key)[1]));
}

/** Those that are there: their ids in the store. */
export async function findTransformations(
  tx: Transaction,
  transformations: readonly ScopedKey[],
): Promise<Map<ScopedKey, { id: number; scope: number }>> {
  const distinct = [...new Set(transformations)];
  const found = new Map<ScopedKey, { id: number; scope: number }>();
  for (const { ord, id, scope } of await tx.all(selectTransformations, { keys: JSON.stringify(distinct.map(splitKey)) })) {
    const key = distinct[ord];
    if (key !== undefined) found.set(key, { id, scope });
  }
  return found;
}

async function findExtended(tx: Transaction, extend: readonly (ScopedKey | null)[]): Promise<(TaskRow | null)[]> {
  for (const key of extend) {
    if (key !== null && className(key) !== "Task") {
      throw new CannotExtend(`\`extends\` ScopedKey (${key}) does not correspond to a \`Task\``, {
        extends: key,
        reason: "class",
      });
    }
  }
  // Locked, so that none of them becomes invalid without the new Task following it.
  const found = await findTasks(tx, extend, { lock: true });
  extend.forEach((key, i) => {
    if (key === null) return;
    const task = found[i] ?? null;
    if (task === null) throw new CannotExtend(`Cannot extend ${key}: there is no such Task`, { extends: key, reason: "missing" });
    if (!mayBeExtended(task.status)) {
      throw new CannotExtend(`Cannot extend ${key}: it is ${task.status}`, {
        extends: key,
        status: task.status,
        reason: "status",
      });
    }
  });
  return found;
}

export function transformationNotFound(key: ScopedKey): TransformationNotFound {
  const name = className(key);
  return name === "Transformation" || name === "NonTransformation"
    ? new TransformationNotFound(`there is no Transformation ${key}; submit a network that has it first`, { transformation: key })
    : new TransformationNotFound(`${key} is a ${name}: a Task performs a Transformation or a NonTransformation`, {
        transformation: key,
      });
}
