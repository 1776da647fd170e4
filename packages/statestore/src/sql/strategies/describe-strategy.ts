import type { ScopedKey, StackCombination } from "@alchemiscale/contract";
import type { NetworkStrategy } from "../../strategy-operations.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { selectMembers } from "./member-row.ts";
import { type StrategyRow, stateOfRow, strategyColumns } from "./strategy-row.ts";

type Row = StrategyRow & {
  readonly strategy: string;
  readonly version: string;
  readonly combine: StackCombination;
  readonly max_gpu_hours: number | null;
  readonly blocked: string | null;
};

const select = statement<{ network: number }, Row>(
  (p) => sql`
    select o.key as strategy, ${strategyColumns}, y.version as version, y.combine as combine, y.max_gpu_hours as max_gpu_hours, y.blocked as blocked
    from strategy y cross join object o where y.network = ${p.network} and o.id = y.object`,
);

/** A network's strategy with its members; null where there is none. */
export async function describeStrategy(tx: Transaction, network: ScopedKey): Promise<NetworkStrategy | null> {
  const found = await findNetwork(tx, network);
  return found === null ? null : await strategyOf(tx, found.id, splitKey(network)[1]);
}

/** The same by the network's id. */
export async function strategyOf(tx: Transaction, network: number, scope: string): Promise<NetworkStrategy | null> {
  const row = await tx.first(select, { network });
  if (row === undefined) return null;
  return {
    strategy: joinKey(row.strategy, scope),
    state: stateOfRow(row),
    version: row.version,
    blocked: row.blocked,
    combine: row.combine,
    maxGpuHours: row.max_gpu_hours,
    members: await selectMembers(tx, network, scope),
  };
}
