import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Instant } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { releaseServices } from "./release-services.ts";

const select = statement<{ before: number }, { id: number; identifier: ComputeServiceId }>(
  (p, d) => sql`
    select s.id as id, s.identifier as identifier from service s where s.heartbeat < ${p.before} order by s.heartbeat, s.id ${d.lock("s", "update")}`,
);

/** Every registration whose heartbeat is older is treated as deregistered. Their ids. */
export async function expireServices(tx: Transaction, before: Instant): Promise<ComputeServiceId[]> {
  const stale = await tx.all(select, { before });
  await releaseServices(tx, stale, "expire", {});
  return stale.map((service) => service.identifier);
}
