import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { releaseServices } from "./release-services.ts";

const select = statement<{ identifier: string }, { id: number }>(
  (p, d) => sql`select s.id as id from service s where s.identifier = ${p.identifier} ${d.lock("s", "update")}`,
);

/** Its running Tasks wait again; an unknown one is fine. */
export async function deregisterService(tx: Transaction, service: ComputeServiceId, actor: Actor): Promise<void> {
  const row = await tx.first(select, { identifier: service });
  if (row !== undefined) await releaseServices(tx, [{ id: row.id, identifier: service }], "deregister", actor);
}
