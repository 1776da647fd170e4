import type { NetworkState, ScopedKey } from "@alchemiscale/contract";
import type { ScopeFilter } from "../../state-store.ts";
import type { StrategyState } from "../../strategy-operations.ts";
import { stateCode } from "../codes.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { type StrategyRow, stateOfRow, strategyColumns } from "./strategy-row.ts";

const select = statement<
  { scopes: string; states: string; minSleep: number; now: number },
  StrategyRow & { network: string; strategy: string; scope: string }
>(
  (p, d) => sql`
    select n.key as network, o.key as strategy, s.text as scope, ${strategyColumns}
    from strategy y cross join network w cross join object n cross join object o cross join scope s
    where w.id = y.network and n.id = y.network and o.id = y.object and s.id = w.scope
      and w.scope in ${scopesWithin(p.scopes, d)} and w.state in (select value from ${d.list(p.states, "bigint")} as t)
      and y.mode <> 'disabled' and y.status <> 'error'
      and cast(${p.now} as bigint) >= coalesce(y.last_iteration, 0)
        + 1000000 * case when y.sleep_interval > ${p.minSleep} then y.sleep_interval else cast(${p.minSleep} as bigint) end
    order by coalesce(y.last_iteration, 0), y.network`,
);

/** The longest waiting first (§11). */
export async function dueStrategies(
  tx: Transaction,
  filter: ScopeFilter & { readonly minSleep: number; readonly states: readonly NetworkState[] },
): Promise<{ readonly network: ScopedKey; readonly strategy: ScopedKey; readonly state: StrategyState }[]> {
  const rows = await tx.all(select, {
    scopes: scopeRows(filter.scopes),
    states: JSON.stringify(filter.states.map(stateCode)),
    minSleep: filter.minSleep,
    now: tx.now,
  });
  return rows.map((row) => ({
    network: joinKey(row.network, row.scope),
    strategy: joinKey(row.strategy, row.scope),
    state: stateOfRow(row),
  }));
}
