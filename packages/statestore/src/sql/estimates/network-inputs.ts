/** Networks whose estimates are to be made anew, and what they are made of. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { NetworkInputs } from "../../estimate-operations.ts";
import { findNetwork } from "../networks/find-networks.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectStale = statement<{ limit: number }, { key: string; scope: string }>(
  (p) => sql`
    select o.key as key, s.text as scope from (
      select e.network as network from network_estimate e where e.revision > e.computed order by e.network limit cast(${p.limit} as bigint)) as found
    cross join object o cross join scope s where o.id = found.network and s.id = o.scope order by o.id`,
);
const selectRevision = statement<{ network: number }, { revision: number }>(
  (p) => sql`select revision from network_estimate where network = ${p.network}`,
);
const selectSummaries = statement<{ network: number }, { key: string; brief: string }>(
  (p) => sql`
    select o.key as key, e.brief as brief from network_transformation nt cross join transformation_estimate e cross join object o
    where nt.network = ${p.network} and e.transformation = nt.transformation and e.brief is not null and o.id = nt.transformation
    order by o.key`,
);
const selectDocument = statement<{ network: number; name: string }, { text: string }>(
  (p) => sql`select text from network_document where network = ${p.network} and name = ${p.name}`,
);

/** At most `limit`. */
export async function staleNetworks(tx: Transaction, limit: number): Promise<ScopedKey[]> {
  return (await tx.all(selectStale, { limit })).map(({ key, scope }) => joinKey(key, scope));
}

/** Null for a missing network. Summaries in the order of their Transformations' keys. */
export async function networkInputs(tx: Transaction, network: ScopedKey): Promise<NetworkInputs | null> {
  const found = await findNetwork(tx, network);
  if (found === null) return null;
  // The revision before the summaries: what comes in between is computed once more.
  const revision = (await tx.first(selectRevision, { network: found.id }))?.revision ?? 0;
  const edges = await networkDocument(tx, found.id, "edges");
  const summaries = await tx.all(selectSummaries, { network: found.id });
  return { revision, edges, summaries: summaries.map(({ key, brief }) => ({ transformation: key, brief })) };
}

/** A document of a network; null where there is none. */
export async function networkDocument(tx: Transaction, network: number, name: string): Promise<string | null> {
  return (await tx.first(selectDocument, { network, name }))?.text ?? null;
}
