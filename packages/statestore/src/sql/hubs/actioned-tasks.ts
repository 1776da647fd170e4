import type { ScopedKey } from "@alchemiscale/contract";
import { findNetworks } from "../networks/find-networks.ts";
import { joinKey, splitKey, splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectTasks = statement<{ networks: string }, { network: number; token: string; weight: number }>(
  (p, d) => sql`
    select a.network as network, t.token as token, a.weight as weight
    from ${d.list(p.networks, "bigint")} as i cross join actioned a cross join task t
    where a.network = i.value and t.id = a.task order by a.network, a.task`,
);
const selectNetworks = statement<{ token: string; scope: string }, { key: string; weight: number }>(
  (p) => sql`
    select o.key as key, a.weight as weight
    from task t join scope s on s.id = t.scope join actioned a on a.task = t.id join object o on o.id = a.network
    where t.token = ${p.token} and s.text = ${p.scope} order by o.key`,
);

/** Per network: Task → weight; empty where the network is missing. */
export async function actionedTasks(tx: Transaction, networks: readonly ScopedKey[]): Promise<Map<ScopedKey, number>[]> {
  const found = await findNetworks(tx, networks);
  const ids = [...new Set(found.flatMap((network) => (network === null ? [] : [network.id])))];
  const rows = Map.groupBy(await tx.all(selectTasks, { networks: JSON.stringify(ids) }), (row) => row.network);
  return found.map((network) => {
    if (network === null) return new Map();
    const [, scope] = splitKey(network.key);
    return new Map((rows.get(network.id) ?? []).map(({ token, weight }) => [joinKey(`Task-${token}`, scope), weight]));
  });
}

/** Network → weight of the Task there. */
export async function actionedNetworks(tx: Transaction, task: ScopedKey): Promise<Map<ScopedKey, number>> {
  const [token, scope] = splitToken(task, "Task");
  const rows = await tx.all(selectNetworks, { token, scope });
  return new Map(rows.map(({ key, weight }) => [joinKey(key, scope), weight]));
}
