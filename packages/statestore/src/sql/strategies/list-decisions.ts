import type { ScopedKey, StrategyStatus } from "@alchemiscale/contract";
import type { StoredDecision } from "../../strategy-operations.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

interface Row {
  readonly id: number;
  readonly at: number;
  readonly iteration: number;
  readonly key: string;
  readonly status: StrategyStatus;
  readonly text: string;
  readonly created: string;
}

const select = statement<{ network: number; before: number; limit: number }, Row>(
  (p) => sql`
    select c.id as id, c.at as at, c.iteration as iteration, o.key as key, c.status as status, c.text as text, c.created as created
    from (select * from strategy_decision y where y.network = ${p.network} and y.id < ${p.before} order by y.id desc
      limit cast(${p.limit} as bigint)) as c
    cross join object o where o.id = c.strategy order by c.id desc`,
);

/** What was decided for a network, the newest first. */
export async function listDecisions(
  tx: Transaction,
  network: ScopedKey,
  before: number | null,
  limit: number,
): Promise<StoredDecision[]> {
  const found = await findNetwork(tx, network);
  if (found === null) return [];
  const rows = await tx.all(select, { network: found.id, before: before ?? Number.MAX_SAFE_INTEGER, limit });
  return rows.map(({ key, created, ...row }) => ({
    ...row,
    strategy: joinKey(key, splitKey(network)[1]),
    created: JSON.parse(created) as ScopedKey[],
  }));
}
