import type { IdentityType, Scope } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { identityId } from "./identity-id.ts";
import { recordChange } from "./record-change.ts";

const remove = statement<{ identity: number; scopes: string }>(
  (p, d) => sql`
    delete from identity_scope
    where identity = ${p.identity} and scope in (select value from ${d.list(p.scopes, "text")} as s)`,
);

/** Scopes that it does not have are passed over. False for a missing identity. */
export async function removeScopes(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  scopes: readonly Scope[],
  actor: Actor = {},
): Promise<boolean> {
  const identity = await identityId(tx, type, identifier);
  if (identity === undefined) return false;
  const removed = await tx.run(remove, { identity, scopes: JSON.stringify(scopes) });
  if (removed > 0) await recordChange(tx, type, identifier, `scopes removed: ${scopes.join(" ")}`, actor);
  return true;
}
