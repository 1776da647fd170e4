import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { managersRemoved, type RemovedManager } from "./managers-removed.ts";

const remove = statement<{ name: string }, RemovedManager>(
  (p) => sql`delete from manager where name = ${p.name} and status = 'ERROR' returning id, name, uuid`,
);

/** Removes the manager of that name if it is in ERROR, which frees the name; false when there is none. */
export async function clearManagerError(tx: Transaction, name: string, actor: Actor): Promise<boolean> {
  const removed = await tx.all(remove, { name });
  await managersRemoved(tx, removed, "deregister", { ...actor, reason: "error cleared" });
  return removed.length > 0;
}
