/** How many failures count against a service at the gate (§8.1). */

import type { ComputeServiceId } from "@alchemiscale/contract";
import { serviceName } from "../../rules/service-name.ts";
import type { FailureMemory, Instant } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const countOfRegistration = statement<{ service: number; after: number }, { failures: number }>(
  (p) => sql`select count(*) as failures from service_failure where service = ${p.service} and at > ${p.after}`,
);
const selectWho = statement<{ service: number }, { identity: number; name: string | null; host: string }>(
  (p) => sql`
    select coalesce(identity, 0) as identity, manager_name as name, coalesce(host, '') as host from service where id = ${p.service}`,
);
const countOfHistory = statement<{ identity: number; name: string; host: string; after: number }, { failures: number }>(
  (p) => sql`
    select count(*) as failures from failure
    where name = ${p.name} and identity = ${p.identity} and host = ${p.host} and at > ${p.after}`,
);

/** Failures after that instant: of this registration, or of whoever has its identity, manager (else its own name) and host. */
export async function countFailures(
  tx: Transaction,
  service: { readonly id: number; readonly identifier: ComputeServiceId },
  after: Instant,
  memory: FailureMemory,
): Promise<number> {
  if (memory === "registration") {
    return (await tx.first(countOfRegistration, { service: service.id, after }))?.failures ?? 0;
  }
  const who = await tx.first(selectWho, { service: service.id });
  if (who === undefined) return 0;
  const name = who.name ?? serviceName(service.identifier);
  return (await tx.first(countOfHistory, { identity: who.identity, name, host: who.host, after }))?.failures ?? 0;
}
