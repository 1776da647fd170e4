import type { IdentityType, Scope } from "@alchemiscale/contract";
import type { IdentityFacts, Instant } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<
  { type: string | null; afterType: string; afterIdentifier: string; limit: number },
  { id: number; type: IdentityType; identifier: string; disabled: number; expires: Instant | null }
>(
  (p) => sql`
    select id, type, identifier, disabled, expires from identity
    where (type, identifier) > (${p.afterType}, ${p.afterIdentifier}) and (cast(${p.type} as text) is null or type = ${p.type})
    order by type, identifier limit cast(${p.limit} as bigint)`,
);
const selectScopes = statement<{ identities: string }, { identity: number; scope: Scope }>(
  (p, d) => sql`
    select s.identity as identity, s.scope as scope
    from ${d.list(p.identities, "bigint")} as i join identity_scope s on s.identity = i.value order by s.id`,
);

/** By type and identifier, after the one given; without keys. */
export async function describeIdentities(
  tx: Transaction,
  page: {
    readonly type?: IdentityType;
    readonly after?: { readonly type: string; readonly identifier: string };
    readonly limit: number;
  },
): Promise<IdentityFacts[]> {
  const { type = null, after = { type: "", identifier: "" }, limit } = page;
  const rows = await tx.all(select, { type, afterType: after.type, afterIdentifier: storable(after.identifier), limit });
  const scopes = new Map<number, Scope[]>(rows.map((row) => [row.id, []]));
  for (const row of await tx.all(selectScopes, { identities: JSON.stringify(rows.map(({ id }) => id)) }))
    scopes.get(row.identity)?.push(row.scope);
  return rows.map((row) => ({
    type: row.type,
    identifier: row.identifier,
    disabled: row.disabled !== 0,
    expires: row.expires,
    scopes: scopes.get(row.id) ?? [],
  }));
}
