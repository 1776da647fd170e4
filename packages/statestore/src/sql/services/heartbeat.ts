import type { ComputeServiceId } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const update = statement<{ identifier: string; now: number }>(
  (p) => sql`update service set heartbeat = ${p.now} where identifier = ${p.identifier}`,
);

/** False when unknown. */
export async function heartbeat(tx: Transaction, service: ComputeServiceId): Promise<boolean> {
  return (await tx.run(update, { identifier: service, now: tx.now })) > 0;
}
