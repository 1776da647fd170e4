import type { IdentityType, Scope } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const insert = statement<{ type: string; identifier: string; scopes: string }>(
  (p, d) => sql`
    insert into identity_scope (identity, scope)
    select i.id, s.value from identity i cross join ${d.list(p.scopes, "text")} as s
    where i.type = ${p.type} and i.identifier = ${p.identifier} order by s.ord
    on conflict (identity, scope) do nothing`,
);

/** No duplicates; a missing identity is ignored. */
export async function addScopes(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  scopes: readonly Scope[],
): Promise<void> {
  await tx.run(insert, { type, identifier: storable(identifier), scopes: JSON.stringify(scopes) });
}
