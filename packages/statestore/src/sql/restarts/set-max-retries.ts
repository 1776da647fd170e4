import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetworks } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { limited } from "./add-patterns.ts";

const select = statement<{ network: number; patterns: string }, { id: number; pattern: string; max_retries: number }>(
  (p, d) => sql`
    select id, pattern, max_retries from restart_pattern
    where network = ${p.network} and pattern in (select value from ${d.list(p.patterns, "text")} as i) order by id`,
);
const update = statement<{ patterns: string; maxRetries: number }>(
  (p, d) => sql`
    update restart_pattern set max_retries = ${p.maxRetries} where id in (select value from ${d.list(p.patterns, "bigint")} as i)`,
);

/** Counters stay, and no Task is moved by it. Unknown patterns and a missing network are ignored. */
export async function setMaxRetries(
  tx: Transaction,
  network: ScopedKey,
  patterns: readonly string[],
  maxRetries: number,
  actor: Actor,
): Promise<void> {
  const [hub] = await findNetworks(tx, [network], { lock: true });
  if (hub === null || hub === undefined) return;
  const wanted = { network: hub.id, patterns: JSON.stringify(patterns.map(storable)) };
  const changed = (await tx.all(select, wanted)).filter((row) => row.max_retries !== maxRetries);
  if (changed.length === 0) return;
  await tx.run(update, { patterns: JSON.stringify(changed.map((row) => row.id)), maxRetries });
  await recordEvents(
    tx,
    "pattern",
    changed.map(({ pattern, max_retries }) => ({
      network: hub.id,
      from: limited(pattern, max_retries),
      to: limited(pattern, maxRetries),
    })),
    actor,
  );
}
