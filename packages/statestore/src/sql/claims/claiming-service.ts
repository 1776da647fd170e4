import type { ComputeServiceId } from "@alchemiscale/contract";
import { ServiceNotRegistered } from "../../errors.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

export interface ClaimingService {
  readonly id: number;
  readonly agent: number;
  readonly sent_scopes_exclude: number | null;
}

// The lock keeps the registration from going away before the claim is written; heartbeats pass.
const select = statement<{ identifier: string }, ClaimingService>(
  (p, d) => sql`
    select s.id as id, s.agent as agent, s.sent_scopes_exclude as sent_scopes_exclude from service s
    where s.identifier = ${p.identifier} ${d.lock("s", "key share")}`,
);

/** @throws {ServiceNotRegistered} */
export async function claimingService(tx: Transaction, service: ComputeServiceId): Promise<ClaimingService> {
  const row = await tx.first(select, { identifier: service });
  if (row === undefined) throw notRegistered(service);
  return row;
}

export function notRegistered(service: ComputeServiceId): ServiceNotRegistered {
  return new ServiceNotRegistered(`the compute service ${service} is not registered (any more): register again, under a new id`, {
    service,
  });
}
