import type { IdentityType } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ type: string; identifier: string }, { id: number }>(
  (p, d) => sql`
    select i.id as id from identity i where i.type = ${p.type} and i.identifier = ${p.identifier} ${d.lock("i", "update")}`,
);

/** The row of an identity, held until the transaction ends; undefined where there is none. */
export async function identityId(tx: Transaction, type: IdentityType, identifier: string): Promise<number | undefined> {
  return (await tx.first(select, { type, identifier: storable(identifier) }))?.id;
}
