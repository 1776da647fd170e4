import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Instant } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { releaseService } from "./release-service.ts";

const select = statement<{ before: number }, { id: number; identifier: ComputeServiceId }>(
  (p, d) => sql`
    select s.id as id, s.identifier as identifier from service s where s.heartbeat < ${p.before} order by s.id ${d.lock("s", "update")}`,
);

/** Every registration whose heartbeat is older is treated as deregistered. Their ids. */
export async function expireServices(tx: Transaction, before: Instant): Promise<ComputeServiceId[]> {
  const stale = await tx.all(select, { before });
  for (const service of stale) await releaseService(tx, service, "expire", {});
  return stale.map((service) => service.identifier);
}
