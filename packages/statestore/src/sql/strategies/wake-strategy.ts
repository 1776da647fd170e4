import { randomUUID } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const update = statement<{ network: number; version: string }>(
  (p) => sql`
    update strategy set status = 'awake', exception_type = null, exception_message = null, traceback = null, version = ${p.version}
    where network = ${p.network}`,
);
const updateMembers = statement<{ network: number }>(
  (p) => sql`
    update strategy_member set status = 'awake', exception_type = null, exception_message = null, traceback = null
    where network = ${p.network}`,
);

/** The network; null where it has no strategy. */
export async function wakeStrategy(tx: Transaction, network: ScopedKey, actor: Actor): Promise<ScopedKey | null> {
  const found = await findNetwork(tx, network);
  if (found === null || (await tx.run(update, { network: found.id, version: randomUUID() })) === 0) return null;
  await tx.run(updateMembers, { network: found.id });
  await recordEvents(tx, "strategy", [{ network: found.id, to: "awake" }], actor);
  return network;
}
