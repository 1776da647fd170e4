import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { getPatterns } from "./get-patterns.ts";

const unlink = statement<{ network: number; patterns: string }>(
  (p, d) => sql`
    delete from restart_counter where pattern in (
      select r.id from restart_pattern r where r.network = ${p.network}
        and r.pattern in (select value from ${d.list(p.patterns, "text")} as n))`,
);
const remove = statement<{ network: number; patterns: string }>(
  (p, d) => sql`
    delete from restart_pattern where network = ${p.network} and pattern in (select value from ${d.list(p.patterns, "text")} as n)`,
);

/** With their counters; unknown ones are ignored, as is a missing network. */
export async function removePatterns(
  tx: Transaction,
  network: ScopedKey,
  patterns: readonly string[],
  actor: Actor,
): Promise<void> {
  const found = await findNetwork(tx, network, { lock: "update" });
  if (found === null) return;
  const [present] = await getPatterns(tx, [network]);
  const gone = [...new Set(patterns.map(storable))].filter((pattern) => present?.has(pattern));
  if (gone.length === 0) return;
  const parameters = { network: found.id, patterns: JSON.stringify(gone) };
  await tx.run(unlink, parameters);
  await tx.run(remove, parameters);
  await recordEvents(
    tx,
    "pattern",
    gone.map((pattern) => ({ network: found.id, from: pattern })),
    actor,
  );
}

/** All of a hub. */
export async function clearPatterns(tx: Transaction, network: ScopedKey, actor: Actor): Promise<void> {
  const [present] = await getPatterns(tx, [network]);
  await removePatterns(tx, network, [...(present?.keys() ?? [])], actor);
}
