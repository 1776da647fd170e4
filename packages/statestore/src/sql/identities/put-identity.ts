import type { IdentityType } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { recordChange } from "./record-change.ts";

const upsert = statement<{ type: string; identifier: string; hashedKey: string }>(
  (p) => sql`
    insert into identity (type, identifier, hashed_key) values (${p.type}, ${p.identifier}, ${p.hashedKey})
    on conflict (type, identifier) do update set hashed_key = excluded.hashed_key, disabled = 0`,
);
const clearScopes = statement<{ type: string; identifier: string }>(
  (p) => sql`
    delete from identity_scope where identity = (select id from identity where type = ${p.type} and identifier = ${p.identifier})`,
);

/** Creates, or replaces the key, enables and clears the scopes; other fields stay (§13). */
export async function putIdentity(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  hashedKey: string,
  actor: Actor = {},
): Promise<void> {
  await tx.run(upsert, { type, identifier: storable(identifier), hashedKey });
  await tx.run(clearScopes, { type, identifier: storable(identifier) });
  await recordChange(tx, type, identifier, "added, or given another key, enabled and left without scopes", actor);
}
