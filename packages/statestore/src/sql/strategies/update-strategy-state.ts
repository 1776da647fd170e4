import { randomUUID } from "node:crypto";
import type { ScopedKey } from "@alchemiscale/contract";
import type { StrategyState } from "../../strategy-operations.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { executionParameters } from "./strategy-row.ts";

const update = statement<{
  network: number;
  key: string;
  before: number;
  status: string;
  iterations: number;
  lastIteration: number | null;
  count: number;
  exceptionType: string | null;
  exceptionMessage: string | null;
  traceback: string | null;
  version: string;
}>(
  (p) => sql`
    update strategy set status = ${p.status}, iterations = ${p.iterations}, last_iteration = ${p.lastIteration},
      last_iteration_result_count = ${p.count}, exception_type = ${p.exceptionType}, exception_message = ${p.exceptionMessage},
      traceback = ${p.traceback}, version = ${p.version}
    where network = ${p.network} and iterations = ${p.before}
      and (select o.key from object o where o.id = strategy.object) = ${p.key}`,
);

/** What an execution has changed, unless the strategy was replaced or executed by another one meanwhile; then false [D21]. */
export async function updateStrategyState(
  tx: Transaction,
  network: ScopedKey,
  strategy: ScopedKey,
  iterations: number,
  state: StrategyState,
): Promise<boolean> {
  const [key, scope] = splitKey(strategy);
  const found = await findNetwork(tx, network);
  if (found === null || scope !== splitKey(network)[1]) return false;
  const parameters = {
    ...executionParameters(state),
    network: found.id,
    key,
    before: iterations,
    version: randomUUID(),
  };
  return (await tx.run(update, parameters)) > 0;
}
