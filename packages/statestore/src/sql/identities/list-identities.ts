import type { IdentityType } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ type: string }, { identifier: string }>(
  (p) => sql`select identifier from identity where type = ${p.type} order by identifier`,
);

export async function listIdentities(tx: Transaction, type: IdentityType): Promise<string[]> {
  return (await tx.all(select, { type })).map((row) => row.identifier);
}
