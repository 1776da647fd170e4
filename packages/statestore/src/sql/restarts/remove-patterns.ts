import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetworks } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { limited } from "./add-patterns.ts";

interface PatternRow {
  readonly id: number;
  readonly pattern: string;
  readonly max_retries: number;
}

const selectAll = statement<{ network: number }, PatternRow>(
  (p) => sql`select id, pattern, max_retries from restart_pattern where network = ${p.network} order by id`,
);
const unlink = statement<{ patterns: string }>(
  (p, d) => sql`delete from restart_counter where pattern in (select value from ${d.list(p.patterns, "bigint")} as i)`,
);
const remove = statement<{ patterns: string }>(
  (p, d) => sql`delete from restart_pattern where id in (select value from ${d.list(p.patterns, "bigint")} as i)`,
);

/** Unknown patterns and a missing network are ignored. No Task is moved by it. */
export async function removePatterns(
  tx: Transaction,
  network: ScopedKey,
  patterns: readonly string[],
  actor: Actor,
): Promise<void> {
  const wanted = new Set(patterns.map(storable));
  await removeThose(tx, network, (row) => wanted.has(row.pattern), actor);
}

/** All patterns of a hub; a missing network is ignored. */
export async function clearPatterns(tx: Transaction, network: ScopedKey, actor: Actor): Promise<void> {
  await removeThose(tx, network, () => true, actor);
}

async function removeThose(
  tx: Transaction,
  network: ScopedKey,
  wanted: (row: PatternRow) => boolean,
  actor: Actor,
): Promise<void> {
  const [hub] = await findNetworks(tx, [network], { lock: true });
  if (hub === null || hub === undefined) return;
  const rows = (await tx.all(selectAll, { network: hub.id })).filter(wanted);
  if (rows.length === 0) return;
  const ids = JSON.stringify(rows.map((row) => row.id));
  await tx.run(unlink, { patterns: ids });
  await tx.run(remove, { patterns: ids });
  await recordEvents(
    tx,
    "pattern",
    rows.map(({ pattern, max_retries }) => ({ network: hub.id, from: limited(pattern, max_retries) })),
    actor,
  );
}
