/** Estimates as they are stored, and whether there is something newer to come. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { StoredEstimate } from "../../estimate-operations.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { networkDocument } from "./network-inputs.ts";

/** Most results without a reading that are looked at to see what they are of; there are more only after an outage. */
const looked = 1000;

const selectTransformation = statement<
  { key: string; scope: string },
  { id: number; revision: number | null; computed: number | null; text: string | null }
>(
  (p) => sql`
    select f.id as id, e.revision as revision, e.computed as computed, e.text as text
    from scope s cross join object o cross join transformation f left join transformation_estimate e on e.transformation = f.id
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and f.id = o.id`,
);
const countUnreadOfTransformation = statement<{ transformation: number }, { unread: number }>(
  (p) => sql`
    select count(*) as unread from task t cross join result r
    where t.transformation = ${p.transformation} and r.task = t.id and r.reader is null`,
);
const selectNetwork = statement<{ network: number }, { revision: number; computed: number }>(
  (p) => sql`select revision, computed from network_estimate where network = ${p.network}`,
);
const countUnreadOfNetwork = statement<{ network: number; looked: number }, { unread: number }>(
  (p) => sql`
    select count(*) as unread
    from (select y.task as task from result y where y.reader is null order by y.id limit cast(${p.looked} as bigint)) as found
    cross join task t cross join network_transformation nt
    where t.id = found.task and nt.network = ${p.network} and nt.transformation = t.transformation`,
);
const countStale = statement<{ network: number; looked: number }, { stale: number }>(
  (p) => sql`
    select count(*) as stale
    from (select y.transformation as transformation from transformation_estimate y where y.revision > y.computed
      order by y.transformation limit cast(${p.looked} as bigint)) as found
    cross join network_transformation nt where nt.network = ${p.network} and nt.transformation = found.transformation`,
);

/** Null for a missing Transformation; a text of null before the first summary. */
export async function estimateOfTransformation(tx: Transaction, transformation: ScopedKey): Promise<StoredEstimate | null> {
  const [key, scope] = splitKey(transformation);
  const row = await tx.first(selectTransformation, { key, scope });
  if (row === undefined) return null;
  const { unread } = (await tx.first(countUnreadOfTransformation, { transformation: row.id })) ?? { unread: 0 };
  return { text: row.text, unread, stale: (row.revision ?? 0) > (row.computed ?? 0) };
}

/** Null for a missing network; a text of null before the first estimates. */
export async function estimatesOfNetwork(tx: Transaction, network: ScopedKey): Promise<StoredEstimate | null> {
  const found = await findNetwork(tx, network);
  if (found === null) return null;
  const of = { network: found.id, looked };
  const numbers = await tx.first(selectNetwork, { network: found.id });
  const { unread } = (await tx.first(countUnreadOfNetwork, of)) ?? { unread: 0 };
  const { stale } = (await tx.first(countStale, of)) ?? { stale: 0 };
  return {
    text: await networkDocument(tx, found.id, "estimates"),
    unread,
    stale: stale > 0 || (numbers?.revision ?? 0) > (numbers?.computed ?? 0),
  };
}
