import type { IdentityType } from "@alchemiscale/contract";
import type { Actor, NewIdentity } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { addScopes } from "./add-scopes.ts";
import { recordChange } from "./record-change.ts";

const insert = statement<{ type: string; identifier: string; hashedKey: string; expires: number | null }>(
  (p) => sql`
    insert into identity (type, identifier, hashed_key, expires) values (${p.type}, ${p.identifier}, ${p.hashedKey}, ${p.expires})
    on conflict (type, identifier) do nothing`,
);

/** False, and nothing done, where there is one of that type and name. */
export async function addIdentity(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  { hashedKey, scopes, expires }: NewIdentity,
  actor: Actor,
): Promise<boolean> {
  if ((await tx.run(insert, { type, identifier: storable(identifier), hashedKey, expires })) === 0) return false;
  await recordChange(tx, type, identifier, "added", actor);
  if (expires !== null)
    await recordChange(tx, type, identifier, `expires: ${new Date(Math.floor(expires / 1000)).toISOString()}`, actor);
  if (scopes.length > 0) await addScopes(tx, type, identifier, scopes, actor);
  return true;
}
