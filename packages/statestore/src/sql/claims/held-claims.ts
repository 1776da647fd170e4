import type { ComputeServiceId } from "@alchemiscale/contract";
import type { ClaimOperations } from "../../state-store.ts";
import { status } from "../codes.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectService = statement<{ identifier: string }, { id: number }>(
  (p) => sql`select id from service where identifier = ${p.identifier}`,
);
const selectHeld = statement<{ service: number }, { token: string; scope: string; actioned: number | null }>(
  (p) => sql`
    select t.token as token, s.text as scope, (select min(1) from actioned a where a.task = t.id) as actioned
    from task t cross join scope s where t.service = ${p.service} and t.status = ${status.running} and s.id = t.scope order by t.id`,
);

/** The running Tasks that a service claims, in the order of their creation; null when it is not registered. */
export async function heldClaims(tx: Transaction, service: ComputeServiceId): ReturnType<ClaimOperations["held"]> {
  const registration = await tx.first(selectService, { identifier: service });
  if (registration === undefined) return null;
  const rows = await tx.all(selectHeld, { service: registration.id });
  return rows.map(({ token, scope, actioned }) => ({ task: joinKey(`Task-${token}`, scope), actioned: actioned !== null }));
}
