import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Instant } from "../../state-store.ts";
import { wholePeriod } from "../processes/whole-period.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { releaseServices } from "./release-services.ts";

const select = statement<{ before: number; now: number }, { id: number; identifier: ComputeServiceId }>(
  (p, d) => sql`
    select s.id as id, s.identifier as identifier from service s
    where s.heartbeat < ${p.before} and ${wholePeriod(p.before, p.now)} order by s.heartbeat, s.id ${d.lock("s", "update")}`,
);

/**
 * Every registration whose heartbeat is older is treated as deregistered. None of them while an outage of the server lies less than that
 * time back: nobody could beat, and an outage must not restart every calculation. Their ids.
 */
export async function expireServices(tx: Transaction, before: Instant): Promise<ComputeServiceId[]> {
  const stale = await tx.all(select, { before, now: tx.now });
  await releaseServices(tx, stale, "expire", {});
  return stale.map((service) => service.identifier);
}
