import type { IdentityType } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable, storableOrNull } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const insert = statement<{ at: number; type: string; identifier: string; change: string; actor: string | null }>(
  (p) => sql`
    insert into identity_change (at, type, identifier, change, actor)
    values (${p.at}, ${p.type}, ${p.identifier}, ${p.change}, ${p.actor})`,
);

/** Says in the transaction that makes it what was done to an identity; never a key or its hash. */
export async function recordChange(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  change: string,
  actor: Actor,
): Promise<void> {
  const by = storableOrNull(actor.identity ?? null);
  await tx.run(insert, { at: tx.now, type, identifier: storable(identifier), change, actor: by });
}
