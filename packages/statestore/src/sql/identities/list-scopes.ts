import type { IdentityType, Scope } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ type: string; identifier: string }, { scope: Scope }>(
  (p) => sql`
    select s.scope as scope from identity i join identity_scope s on s.identity = i.id
    where i.type = ${p.type} and i.identifier = ${p.identifier} order by s.id`,
);

/** In the order they were added; `[]` for a missing identity. */
export async function listScopes(tx: Transaction, type: IdentityType, identifier: string): Promise<Scope[]> {
  return (await tx.all(select, { type, identifier: storable(identifier) })).map((row) => row.scope);
}
