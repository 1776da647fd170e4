import type { ScopedKey } from "@alchemiscale/contract";
import type { ClaimRequest } from "../../state-store.ts";
import { splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { claimingService } from "./claiming-service.ts";
import { paddedTaskKeys } from "./task-keys.ts";

const selectHub = statement<{ token: string; scope: string }, { id: number }>(
  (p) => sql`select n.id as id from network n join scope s on s.id = n.scope where n.token = ${p.token} and s.text = ${p.scope}`,
);

/**
 * Exactly `count` entries, padded with null; nulls for an unknown hub (§7.1). Its weight and the state of its network play no part.
 * @throws {ServiceNotRegistered}
 */
export async function claimFromHub(tx: Transaction, hub: ScopedKey, request: ClaimRequest): Promise<(ScopedKey | null)[]> {
  const { id: service, agent } = await claimingService(tx, request.service);
  const [token, scope] = splitToken(hub, "TaskHub");
  const network = await tx.first(selectHub, { token, scope });
  if (network === undefined || request.count <= 0) return paddedTaskKeys(tx, [], request.count);
  const { count, protocols } = request;
  const tasks = await tx.dialect.drawTasks(tx, { network: network.id, service, agent, count, protocols });
  return paddedTaskKeys(tx, tasks, count);
}
