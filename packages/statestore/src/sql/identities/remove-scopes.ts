import type { IdentityType, Scope } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const remove = statement<{ type: string; identifier: string; scopes: string }>(
  (p, d) => sql`
    delete from identity_scope
    where identity = (select id from identity where type = ${p.type} and identifier = ${p.identifier})
      and scope in (select value from ${d.list(p.scopes, "text")} as s)`,
);

export async function removeScopes(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  scopes: readonly Scope[],
): Promise<void> {
  await tx.run(remove, { type, identifier: storable(identifier), scopes: JSON.stringify(scopes) });
}
