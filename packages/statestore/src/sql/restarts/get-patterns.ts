import type { ScopedKey } from "@alchemiscale/contract";
import type { RestartPattern } from "../../state-store.ts";
import { findNetworks } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ networks: string }, { network: number; pattern: string; max_retries: number }>(
  (p, d) => sql`
    select r.network as network, r.pattern as pattern, r.max_retries as max_retries
    from ${d.list(p.networks, "bigint")} as i cross join restart_pattern r where r.network = i.value order by r.id`,
);

/** Aligned with the input; `[]` where the network is missing. In the order in which they were added. */
export async function getPatterns(tx: Transaction, networks: readonly ScopedKey[]): Promise<RestartPattern[][]> {
  const found = await findNetworks(tx, networks);
  const ids = [...new Set(found.flatMap((network) => (network === null ? [] : [network.id])))];
  if (ids.length === 0) return networks.map(() => []);
  const rows = Map.groupBy(await tx.all(select, { networks: JSON.stringify(ids) }), (row) => row.network);
  return found.map((network) =>
    network === null
      ? []
      : (rows.get(network.id) ?? []).map(({ pattern, max_retries }) => ({ pattern, maxRetries: max_retries })),
  );
}
