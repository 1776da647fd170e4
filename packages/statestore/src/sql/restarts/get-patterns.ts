import type { ScopedKey } from "@alchemiscale/contract";
import { findNetworks } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ networks: string }, { network: number; pattern: string; max_retries: number }>(
  (p, d) => sql`
    select r.network as network, r.pattern as pattern, r.max_retries as max_retries
    from ${d.list(p.networks, "bigint")} as i cross join restart_pattern r where r.network = i.value order by r.id`,
);

/** Per network: pattern → allowed retries; empty where the network is missing. */
export async function getPatterns(tx: Transaction, networks: readonly ScopedKey[]): Promise<Map<string, number>[]> {
  const found = await findNetworks(tx, networks);
  const ids = [...new Set(found.flatMap((network) => (network === null ? [] : [network.id])))];
  const rows = Map.groupBy(await tx.all(select, { networks: JSON.stringify(ids) }), (row) => row.network);
  return found.map(
    (network) =>
      new Map((network === null ? [] : (rows.get(network.id) ?? [])).map(({ pattern, max_retries }) => [pattern, max_retries])),
  );
}
