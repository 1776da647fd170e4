import type { ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { findNetworks } from "./find-networks.ts";

const update = statement<{ changes: string }>(
  (p, d) => sql`
    update network set weight = c.weight from ${d.rows(p.changes, { id: "bigint", weight: "double precision" })} as c
    where network.id = c.id`,
);

/** Weights of hubs. Null where the network is missing; a network named twice takes the last weight (§4). */
export async function setWeights(
  tx: Transaction,
  networks: readonly ScopedKey[],
  weights: readonly number[],
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const found = await findNetworks(tx, networks, { lock: true });
  const changes = new Map<number, { from: number; to: number }>();
  found.forEach((network, i) => {
    const to = weights[i];
    if (network !== null && to !== undefined) changes.set(network.id, { from: network.weight, to });
  });
  const changed = [...changes].filter(([, { from, to }]) => from !== to);
  if (changed.length > 0) {
    await tx.run(update, { changes: JSON.stringify(changed.map(([id, { to }]) => [id, to])) });
    await recordEvents(
      tx,
      "weight",
      changed.map(([network, change]) => ({ network, ...change })),
      actor,
    );
  }
  return found.map((network) => network?.key ?? null);
}
