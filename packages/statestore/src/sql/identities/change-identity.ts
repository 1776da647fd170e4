import type { IdentityType } from "@alchemiscale/contract";
import type { Actor, Instant } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { recordChange } from "./record-change.ts";

const updateKey = statement<{ type: string; identifier: string; hashedKey: string }>(
  (p) => sql`update identity set hashed_key = ${p.hashedKey} where type = ${p.type} and identifier = ${p.identifier}`,
);
const updateDisabled = statement<{ type: string; identifier: string; disabled: number }>(
  (p) => sql`update identity set disabled = ${p.disabled} where type = ${p.type} and identifier = ${p.identifier}`,
);
const updateExpires = statement<{ type: string; identifier: string; expires: number | null }>(
  (p) => sql`update identity set expires = ${p.expires} where type = ${p.type} and identifier = ${p.identifier}`,
);

/** False for a missing identity; everything but the key stays. */
export async function setKey(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  hashedKey: string,
  actor: Actor,
): Promise<boolean> {
  if ((await tx.run(updateKey, { type, identifier: storable(identifier), hashedKey })) === 0) return false;
  await recordChange(tx, type, identifier, "given another key", actor);
  return true;
}

/** False for a missing identity. */
export async function setDisabled(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  disabled: boolean,
  actor: Actor,
): Promise<boolean> {
  if ((await tx.run(updateDisabled, { type, identifier: storable(identifier), disabled: disabled ? 1 : 0 })) === 0) return false;
  await recordChange(tx, type, identifier, disabled ? "disabled" : "enabled", actor);
  return true;
}

/** False for a missing identity. */
export async function setExpires(
  tx: Transaction,
  type: IdentityType,
  identifier: string,
  expires: Instant | null,
  actor: Actor,
): Promise<boolean> {
  if ((await tx.run(updateExpires, { type, identifier: storable(identifier), expires })) === 0) return false;
  const when = expires === null ? "never" : new Date(Math.floor(expires / 1000)).toISOString();
  await recordChange(tx, type, identifier, `expires: ${when}`, actor);
  return true;
}
