import type { IdentityChange } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ before: number; limit: number }, IdentityChange>(
  (p) => sql`
    select id, at, type, identifier, change, actor from identity_change
    where id < ${p.before} order by id desc limit cast(${p.limit} as bigint)`,
);

/** The newest first, before the given id. */
export async function listChanges(tx: Transaction, before: number | null, limit: number): Promise<IdentityChange[]> {
  const rows = await tx.all(select, { before: before ?? Number.MAX_SAFE_INTEGER, limit });
  return rows.map((row) => ({ ...row }));
}
