import type { ScopedKey } from "@alchemiscale/contract";
import type { StrategyState } from "../../strategy-operations.ts";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { type StrategyRow, stateOfRow, strategyColumns } from "./strategy-row.ts";

const select = statement<{ key: string; scope: string }, StrategyRow & { strategy: string }>(
  (p) => sql`
    select o.key as strategy, ${strategyColumns}
    from scope s cross join object n cross join strategy y cross join object o
    where s.text = ${p.scope} and n.scope = s.id and n.key = ${p.key} and y.network = n.id and o.id = y.object`,
);

export async function getStrategy(
  tx: Transaction,
  network: ScopedKey,
): Promise<{ readonly strategy: ScopedKey; readonly state: StrategyState } | null> {
  const [key, scope] = splitKey(network);
  const row = await tx.first(select, { key, scope });
  return row === undefined ? null : { strategy: joinKey(row.strategy, scope), state: stateOfRow(row) };
}
