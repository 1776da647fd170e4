import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const hold = statement<{ network: number }, { id: number }>(
  (p, d) => sql`select n.id as id from network n where n.id = ${p.network} ${d.lock("n", "key share")}`,
);

/** Keeps those out who change what belongs to a network's hub as a whole, such as its restart patterns; many may hold it at once. */
export async function holdNetwork(tx: Transaction, network: number): Promise<void> {
  if (tx.dialect.locksRows) await tx.first(hold, { network });
}
