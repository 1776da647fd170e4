import type { IdentityType } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const removeItsScopes = statement<{ type: string; identifier: string }>(
  (p) => sql`
    delete from identity_scope where identity = (select id from identity where type = ${p.type} and identifier = ${p.identifier})`,
);
const remove = statement<{ type: string; identifier: string }>(
  (p) => sql`delete from identity where type = ${p.type} and identifier = ${p.identifier}`,
);

/** Silent when absent. */
export async function removeIdentity(tx: Transaction, type: IdentityType, identifier: string): Promise<void> {
  await tx.run(removeItsScopes, { type, identifier: storable(identifier) });
  await tx.run(remove, { type, identifier: storable(identifier) });
}
