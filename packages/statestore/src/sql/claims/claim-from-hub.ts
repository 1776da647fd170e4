import type { ScopedKey } from "@alchemiscale/contract";
import type { ClaimRequest } from "../../state-store.ts";
import { splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { notRegistered } from "./claiming-service.ts";
import { padded } from "./padded.ts";

// The lock keeps the registration from going away before the claim is written; heartbeats pass.
const select = statement<
  { identifier: string; token: string; scope: string },
  { service: number; agent: number; network: number | null }
>(
  (p, d) => sql`
    select v.id as service, v.agent as agent,
      (select n.id from network n join scope s on s.id = n.scope where n.token = ${p.token} and s.text = ${p.scope}) as network
    from service v where v.identifier = ${p.identifier} ${d.lock("v", "key share")}`,
);

/**
 * Exactly `count` entries, padded with null; nulls for an unknown hub (§7.1). Its weight and the state of its network play no part.
 * @throws {ServiceNotRegistered}
 */
export async function claimFromHub(tx: Transaction, hub: ScopedKey, request: ClaimRequest): Promise<(ScopedKey | null)[]> {
  const [token, scope] = splitToken(hub, "TaskHub");
  const { count, protocols } = request;
  const found = await tx.first(select, { identifier: request.service, token, scope });
  if (found === undefined) throw notRegistered(request.service);
  const { network, service, agent } = found;
  if (network === null || count <= 0) return padded([], count);
  return padded(await tx.dialect.drawTasks(tx, { network, scope, service, agent, count, protocols }), count);
}
