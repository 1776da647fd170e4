import type { ScopedKey } from "@alchemiscale/contract";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storableOrNull } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const update = statement<{ network: number; version: string; reason: string | null }>(
  (p) => sql`update strategy set blocked = ${p.reason} where network = ${p.network} and version = ${p.version}`,
);

/** Why nobody can execute a strategy, as long as it has this version. */
export async function blockStrategy(tx: Transaction, network: ScopedKey, version: string, reason: string | null): Promise<void> {
  const found = await findNetwork(tx, network);
  if (found !== null) await tx.run(update, { network: found.id, version, reason: storableOrNull(reason) });
}
