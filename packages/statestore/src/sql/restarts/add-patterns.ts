import type { ScopedKey } from "@alchemiscale/contract";
import { NetworkNotFound } from "../../errors.ts";
import { compilePythonPattern } from "../../patterns/python-pattern.ts";
import type { Actor } from "../../state-store.ts";
import { status as code } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { hubToken } from "../networks/hub-token.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import { lockTasks } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";
import { patternToken } from "./pattern-token.ts";
import { resolveRestarts } from "./resolve-restarts.ts";

const upsert = statement<{ network: number; patterns: string; maxRetries: number }>(
  (p, d) => sql`
    insert into restart_pattern (network, pattern, token, max_retries)
    select cast(${p.network} as bigint), pattern, token, cast(${p.maxRetries} as bigint)
    from ${d.rows(p.patterns, { pattern: "text", token: "text" })} as n where true order by ord
    on conflict (token) do update set max_retries = excluded.max_retries`,
);
const resetCounters = statement<{ network: number; patterns: string }>(
  (p, d) => sql`
    insert into restart_counter (pattern, task, retries)
    select r.id, a.task, 0 from ${d.rows(p.patterns, { pattern: "text", token: "text" })} as n
    cross join restart_pattern r cross join actioned a
    where r.token = n.token and a.network = ${p.network}
    on conflict (pattern, task) do update set retries = 0`,
);
const selectErrored = statement<{ network: number }, { id: number }>(
  (p) => sql`
    select t.id as id from actioned a cross join task t where a.network = ${p.network} and t.id = a.task and t.status = ${code.error}`,
);

/**
 * Adds patterns to a hub, or sets the limit of those that are there; counters start at 0. Then the errored Tasks of the hub are resolved, so
 * that one that matches no pattern leaves it (§10).
 * @throws {NetworkNotFound} {@link InvalidPattern}: nothing is added then.
 */
export async function addPatterns(
  tx: Transaction,
  network: ScopedKey,
  patterns: readonly string[],
  maxRetries: number,
  actor: Actor,
): Promise<void> {
  const distinct = [...new Set(patterns)];
  for (const pattern of distinct) compilePythonPattern(pattern);
  const found = await findNetwork(tx, network, { lock: "update" });
  if (found === null) throw new NetworkNotFound(`there is no network ${network}`, { network });
  if (distinct.length === 0) return;
  const hub = joinKey(`TaskHub-${hubToken(network)}`, splitKey(network)[1]);
  const rows = distinct.map((pattern) => [storable(pattern), patternToken(pattern, hub)]);
  await tx.run(upsert, { network: found.id, patterns: JSON.stringify(rows), maxRetries });
  await recordEvents(
    tx,
    "pattern",
    distinct.map((pattern) => ({ network: found.id, from: storable(pattern), to: maxRetries })),
    actor,
  );
  const select = async () => (await tx.all(selectErrored, { network: found.id })).map((task) => task.id);
  await lockTasks(tx, await select());
  await tx.run(resetCounters, { network: found.id, patterns: JSON.stringify(rows) });
  await resolveRestarts(tx, await select(), actor);
}
