import type { ComputeManagerId } from "@alchemiscale/contract";
import type { Instant } from "../../state-store.ts";
import { wholePeriod } from "../processes/whole-period.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { managersRemoved, type RemovedManager } from "./managers-removed.ts";

const remove = statement<{ ok: number; error: number; now: number }, RemovedManager>(
  (p) => sql`
    delete from manager where (status = 'OK' and updated < ${p.ok} and ${wholePeriod(p.ok, p.now)})
      or (status = 'ERROR' and updated < ${p.error})
    returning id, name, uuid`,
);

/**
 * Those in OK not while an outage of the server lies less than their time back (see `expire-services.ts`). Those in ERROR have said their
 * last word, and are kept for longer so that somebody sees them. Their services stay.
 */
export async function expireManagers(tx: Transaction, okBefore: Instant, errorBefore: Instant): Promise<ComputeManagerId[]> {
  return managersRemoved(tx, await tx.all(remove, { ok: okBefore, error: errorBefore, now: tx.now }), "expire", {});
}
