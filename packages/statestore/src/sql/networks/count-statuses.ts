/** Numbers of Tasks by status (§12); statuses without a Task are absent. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { ScopeFilter, StatusCounts } from "../../state-store.ts";
import { statusOf } from "../codes.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { findNetworks } from "./find-networks.ts";
import { matchingStates } from "./matching-states.ts";

type CountRow = { status: number; tasks: number };

const countScope = statement<{ scopes: string; states: string }, CountRow>(
  (p, d) => sql`
    select t.status as status, count(*) as tasks
    from transformation tf cross join task t
    where tf.scope in ${scopesWithin(p.scopes, d)} and t.transformation = tf.id
      and exists (select 1 from network_transformation nt join network n on n.id = nt.network
        where nt.transformation = tf.id and n.state in (select value from ${d.list(p.states, "bigint")} as w))
    group by t.status`,
);
const countNetworks = statement<{ networks: string }, CountRow & { network: number }>(
  (p, d) => sql`
    select i.value as network, t.status as status, count(*) as tasks
    from ${d.list(p.networks, "bigint")} as i cross join network_transformation nt cross join task t
    where nt.network = i.value and t.transformation = nt.transformation
    group by i.value, t.status`,
);
const countTransformation = statement<{ key: string; scope: string }, CountRow>(
  (p) => sql`
    select t.status as status, count(*) as tasks
    from scope s join object o on o.scope = s.id join task t on t.transformation = o.id
    where s.text = ${p.scope} and o.key = ${p.key} group by t.status`,
);

/** Distinct Tasks whose Transformation belongs to at least one network in a matching state. @throws {InvalidPattern} */
export async function scopeStatus(
  tx: Transaction,
  filter: ScopeFilter & { readonly networkState?: string },
): Promise<StatusCounts> {
  return counts(await tx.all(countScope, { scopes: scopeRows(filter.scopes), states: matchingStates(filter.networkState) }));
}

/** `{}` where the network is missing. */
export async function networkStatuses(tx: Transaction, networks: readonly ScopedKey[]): Promise<StatusCounts[]> {
  const found = await findNetworks(tx, networks);
  const ids = [...new Set(found.flatMap((network) => (network === null ? [] : [network.id])))];
  const byNetwork = Map.groupBy(await tx.all(countNetworks, { networks: JSON.stringify(ids) }), (row) => row.network);
  return found.map((network) => counts(network === null ? [] : (byNetwork.get(network.id) ?? [])));
}

export async function transformationStatus(tx: Transaction, transformation: ScopedKey): Promise<StatusCounts> {
  const [key, scope] = splitKey(transformation);
  return counts(await tx.all(countTransformation, { key, scope }));
}

function counts(rows: readonly CountRow[]): StatusCounts {
  return Object.fromEntries(rows.map((row) => [statusOf(row.status), row.tasks]));
}
