import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const update = statement<{ network: number; patterns: string; maxRetries: number }, { pattern: string }>(
  (p, d) => sql`
    update restart_pattern set max_retries = ${p.maxRetries}
    where network = ${p.network} and pattern in (select value from ${d.list(p.patterns, "text")} as n) returning pattern`,
);

/** Counters stay; unknown patterns and a missing network are ignored. */
export async function setMaxRetries(
  tx: Transaction,
  network: ScopedKey,
  patterns: readonly string[],
  maxRetries: number,
  actor: Actor,
): Promise<void> {
  const found = await findNetwork(tx, network, { lock: "update" });
  if (found === null) return;
  const changed = await tx.all(update, { network: found.id, patterns: JSON.stringify(patterns.map(storable)), maxRetries });
  await recordEvents(
    tx,
    "pattern",
    changed.map(({ pattern }) => ({ network: found.id, from: pattern, to: maxRetries })),
    actor,
  );
}
