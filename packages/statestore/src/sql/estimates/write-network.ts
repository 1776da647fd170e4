import type { ScopedKey } from "@alchemiscale/contract";
import { findNetwork } from "../networks/find-networks.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const put = statement<{ network: number; name: string; text: string }>(
  (p) => sql`
    insert into network_document (network, name, text) values (${p.network}, ${p.name}, ${p.text})
    on conflict (network, name) do update set text = excluded.text`,
);
const begin = statement<{ network: number }>(
  (p) => sql`
    insert into network_estimate (network, revision, computed) values (${p.network}, 0, -1) on conflict (network) do nothing`,
);
const advance = statement<{ network: number; revision: number }>(
  (p) => sql`update network_estimate set computed = ${p.revision} where network = ${p.network} and computed < ${p.revision}`,
);

/** What its Transformations are about. */
export async function writeNetworkEdges(tx: Transaction, network: ScopedKey, text: string): Promise<void> {
  const found = await findNetwork(tx, network);
  if (found !== null) await tx.run(put, { network: found.id, name: "edges", text: storable(text) });
}

/** Estimates as they were computed from a revision; those that were computed from a later one stay. */
export async function writeNetworkEstimates(tx: Transaction, network: ScopedKey, revision: number, text: string): Promise<void> {
  const found = await findNetwork(tx, network);
  if (found === null) return;
  await tx.run(begin, { network: found.id });
  if ((await tx.run(advance, { network: found.id, revision })) === 0) return;
  await tx.run(put, { network: found.id, name: "estimates", text: storable(text) });
}
