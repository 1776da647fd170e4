import type { IdentityType, Scope } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { identityId } from "./identity-id.ts";
import { recordChange } from "./record-change.ts";

const insert = statement<{ identity: number; scopes: string }>(
  (p, d) => sql`
    insert into identity_scope (identity, scope)
    select cast(${p.identity} as bigint), s.value from ${d.list(p.scopes, "text")} as s where true order by s.ord
    on conflict (identity, scope) do nothing`,
);

/** No duplicates. False, and nothing done, for a missing identity. */
export async function addScopes(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  scopes: readonly Scope[],
  actor: Actor = {},
): Promise<boolean> {
  const identity = await identityId(tx, type, identifier);
  if (identity === undefined) return false;
  const added = await tx.run(insert, { identity, scopes: JSON.stringify([...new Set(scopes)]) });
  if (added > 0) await recordChange(tx, type, identifier, `scopes added: ${scopes.join(" ")}`, actor);
  return true;
}
