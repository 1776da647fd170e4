import type { ScopedKey } from "@alchemiscale/contract";
import { InvalidPattern, NetworkNotFound } from "../../errors.ts";
import { requirePythonPattern } from "../../patterns/python-pattern.ts";
import type { Actor } from "../../state-store.ts";
import { status as code } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetworks } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import { lockTasks } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { noAnswers, type SearchAnswers } from "./pattern-searches.ts";
import { patternToken } from "./pattern-token.ts";
import { resolveRestarts } from "./resolve-restarts.ts";

const selectOld = statement<{ network: number }, { pattern: string; max_retries: number }>(
  (p) => sql`select pattern, max_retries from restart_pattern where network = ${p.network}`,
);
const upsert = statement<{ network: number; patterns: string; maxRetries: number }, { id: number }>(
  (p, d) => sql`
    insert into restart_pattern (network, pattern, token, max_retries)
    select cast(${p.network} as bigint), pattern, token, cast(${p.maxRetries} as bigint)
    from ${d.rows(p.patterns, { pattern: "text", token: "text" })} as n where true order by ord
    on conflict (token) do update set max_retries = excluded.max_retries returning id`,
);
const selectActioned = statement<{ network: number }, { task: number }>(
  (p) => sql`select task from actioned where network = ${p.network} order by task`,
);
const selectErrored = statement<{ network: number }, { task: number }>(
  (p) => sql`
    select t.id as task from actioned a cross join task t
    where a.network = ${p.network} and t.id = a.task and t.status = ${code.error} order by t.id`,
);
const link = statement<{ network: number; patterns: string }>(
  (p, d) => sql`
    insert into restart_counter (pattern, task, retries)
    select i.value, a.task, 0 from ${d.list(p.patterns, "bigint")} as i cross join actioned a where a.network = ${p.network}
    on conflict (pattern, task) do update set retries = 0`,
);

/**
 * Adds patterns to a network's hub, for the Tasks that are there and those to come, and decides on the errored ones anew (§10). A pattern
 * that is there already takes the new limit, and its counters start again.
 * @throws {NetworkNotFound} {@link InvalidPattern}, {@link SearchesNeeded}
 */
export async function addPatterns(
  tx: Transaction,
  network: ScopedKey,
  patterns: readonly string[],
  maxRetries: number,
  actor: Actor,
  answers: SearchAnswers = noAnswers,
): Promise<void> {
  const distinct = [...new Set(patterns)];
  for (const pattern of distinct) requirePattern(pattern);
  const [hub] = await findNetworks(tx, [network], { lock: true });
  if (hub === null || hub === undefined) throw new NetworkNotFound(`there is no network ${network}`, { network });
  if (distinct.length === 0) return;

  const old = new Map((await tx.all(selectOld, { network: hub.id })).map((row) => [row.pattern, row.max_retries]));
  const rows = distinct.map((pattern) => [pattern, patternToken(pattern, network)]);
  const ids = (await tx.all(upsert, { network: hub.id, patterns: JSON.stringify(rows), maxRetries })).map((row) => row.id);
  await recordEvents(
    tx,
    "pattern",
    distinct.map((pattern) => ({
      network: hub.id,
      from: old.has(pattern) ? limited(pattern, old.get(pattern)) : null,
      to: limited(pattern, maxRetries),
    })),
    actor,
  );

  // A Task that completes meanwhile leaves the hub with its counters: it must not get a new one after that.
  if (tx.dialect.locksRows) {
    const actioned = await tx.all(selectActioned, { network: hub.id });
    await lockTasks(
      tx,
      actioned.map((row) => row.task),
    );
  }
  await tx.run(link, { network: hub.id, patterns: JSON.stringify(ids) });
  const errored = await tx.all(selectErrored, { network: hub.id });
  await resolveRestarts(
    tx,
    errored.map((row) => row.task),
    actor,
    answers,
  );
}

/** A pattern and its limit, as the event log shows them. */
export function limited(pattern: string, maxRetries: number | undefined): string {
  return `${pattern} (${maxRetries})`;
}

/** @throws {InvalidPattern} */
function requirePattern(pattern: string): void {
  if (pattern === "") throw new InvalidPattern("`pattern` must be a non-empty string", { pattern, reason: "empty" });
  if (storable(pattern) !== pattern) {
    throw new InvalidPattern(
      `${JSON.stringify(pattern)} is no valid pattern: it holds a NUL or half of a surrogate pair; write an escape such as \\x00`,
      { pattern: storable(pattern), reason: "characters" },
    );
  }
  requirePythonPattern(pattern);
}
