import type { IdentityType } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { recordChange } from "./record-change.ts";

const removeItsScopes = statement<{ type: string; identifier: string }>(
  (p) => sql`
    delete from identity_scope where identity = (select id from identity where type = ${p.type} and identifier = ${p.identifier})`,
);
const remove = statement<{ type: string; identifier: string }>(
  (p) => sql`delete from identity where type = ${p.type} and identifier = ${p.identifier}`,
);

/** False where there was none. */
export async function removeIdentity(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  actor: Actor = {},
): Promise<boolean> {
  await tx.run(removeItsScopes, { type, identifier: storable(identifier) });
  if ((await tx.run(remove, { type, identifier: storable(identifier) })) === 0) return false;
  await recordChange(tx, type, identifier, "removed", actor);
  return true;
}
