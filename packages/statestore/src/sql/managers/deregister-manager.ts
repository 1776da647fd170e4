import type { ComputeManagerId } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { splitManagerId } from "./find-manager.ts";
import { managersRemoved, type RemovedManager } from "./managers-removed.ts";

const remove = statement<{ name: string; uuid: string }, RemovedManager>(
  (p) => sql`
    delete from manager where name = ${p.name} and uuid = ${p.uuid} and status <> 'ERROR' returning id, name, uuid`,
);

/** One in ERROR stays until somebody has looked at it; an unknown one is fine. */
export async function deregisterManager(tx: Transaction, manager: ComputeManagerId, actor: Actor): Promise<void> {
  const [name, uuid] = splitManagerId(manager);
  await managersRemoved(tx, await tx.all(remove, { name, uuid }), "deregister", actor);
}
