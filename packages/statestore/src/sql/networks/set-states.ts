import type { NetworkState, ScopedKey } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { stateCode, stateOf } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { findNetworks } from "./find-networks.ts";

const update = statement<{ changes: string }>(
  (p, d) => sql`
    update network set state = c.state from ${d.rows(p.changes, { id: "bigint", state: "bigint" })} as c where network.id = c.id`,
);

/** Null where the network is missing; a network named twice takes the last state (§4). */
export async function setStates(
  tx: Transaction,
  networks: readonly ScopedKey[],
  states: readonly NetworkState[],
  actor: Actor,
): Promise<(ScopedKey | null)[]> {
  const found = await findNetworks(tx, networks, { lock: true });
  const changes = new Map<number, { from: NetworkState; to: NetworkState }>();
  found.forEach((network, i) => {
    const to = states[i];
    if (network !== null && to !== undefined) changes.set(network.id, { from: stateOf(network.state), to });
  });
  const changed = [...changes].filter(([, { from, to }]) => from !== to);
  if (changed.length > 0) {
    await tx.run(update, { changes: JSON.stringify(changed.map(([id, { to }]) => [id, stateCode(to)])) });
    await recordEvents(
      tx,
      "state",
      changed.map(([network, change]) => ({ network, ...change })),
      actor,
    );
  }
  return found.map((network) => network?.key ?? null);
}
