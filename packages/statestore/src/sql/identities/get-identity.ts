import type { IdentityType } from "@alchemiscale/contract";
import type { Identity } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { listScopes } from "./list-scopes.ts";

const select = statement<{ type: string; identifier: string }, { hashed_key: string; disabled: number; expires: number | null }>(
  (p) => sql`select hashed_key, disabled, expires from identity where type = ${p.type} and identifier = ${p.identifier}`,
);

export async function getIdentity(tx: Transaction, type: IdentityType, identifier: string): Promise<Identity | null> {
  const row = await tx.first(select, { type, identifier: storable(identifier) });
  if (row === undefined) return null;
  return {
    identifier,
    hashedKey: row.hashed_key,
    disabled: row.disabled !== 0,
    expires: row.expires,
    scopes: await listScopes(tx, type, identifier),
  };
}
