import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { weightedOrder } from "../../rules/weighted-order.ts";
import type { ClaimOperations } from "../../state-store.ts";
import { countFailures } from "../failures/count-failures.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { type ClaimingService, claimingService } from "./claiming-service.ts";
import { padded } from "./padded.ts";

const prune = statement<{ service: number; before: number }>(
  (p) => sql`delete from service_failure where service = ${p.service} and at <= ${p.before}`,
);
const setGeneration = statement<{ service: number; sent: number }>(
  (p) => sql`update service set sent_scopes_exclude = ${p.sent} where id = ${p.service}`,
);
// Steps from one hub with something claimable to the next in the index of keys, so that finished networks cost nothing.
const selectHubs = statement<
  { scopes: string; exclude: string; protocols: string | null },
  { id: number; scope: string; weight: number }
>(
  (p, d) => sql`
    with recursive live (id) as (
      select (select a.network from actioned a where a.draw is not null and a.network > 0 order by a.network limit 1)
      union all
      select (select a.network from actioned a where a.draw is not null and a.network > live.id order by a.network limit 1) from live where live.id is not null)
    select n.id as id, s.text as scope, n.weight as weight
    from live cross join network n cross join scope s
    where n.id = live.id and n.weight > 0 and s.id = n.scope
      and n.scope in ${scopesWithin(p.scopes, d)} and n.scope not in ${scopesWithin(p.exclude, d)}
      and (cast(${p.protocols} as text) is null or exists (
        select 1 from network_protocol np join class c on c.id = np.class
        where np.network = n.id and c.name in (select value from ${d.list(p.protocols, "text")} as asked)
          and exists (select 1 from actioned a where a.network = n.id and a.class = np.class and a.draw is not null)))`,
);

/**
 * Across hubs: one after the other, each drawn by its weight, until enough Tasks are found (§7.2). `denied` by the failure gate (§8.1).
 * @throws {ServiceNotRegistered}
 */
export async function claimAcrossHubs(
  tx: Transaction,
  request: Parameters<ClaimOperations["claim"]>[0],
): ReturnType<ClaimOperations["claim"]> {
  const service = await claimingService(tx, request.service);
  await keepGeneration(tx, service, request.sentScopesExclude);
  await tx.run(prune, { service: service.id, before: request.forgiveBefore });
  const { forgiveBefore, failureMemory = "registration" } = request;
  const failures = await countFailures(tx, { ...service, identifier: request.service }, forgiveBefore, failureMemory);
  if (failures > request.maxFailures) return { denied: true, tasks: [] };

  const tasks: ScopedKey[] = [];
  const { count, protocols } = request;
  if (count > 0 && request.scopes.length > 0) {
    for (const hub of weightedOrder(await hubs(tx, request.scopes, request.exclude, protocols))) {
      if (tasks.length >= count) break;
      const wanted = { service: service.id, agent: service.agent, count: count - tasks.length, protocols };
      tasks.push(...(await tx.dialect.drawTasks(tx, { network: hub.id, scope: hub.scope, ...wanted })));
    }
  }
  return { denied: false, tasks: padded(tasks, count) };
}

async function keepGeneration(tx: Transaction, service: ClaimingService, sentScopesExclude: boolean): Promise<void> {
  const sent = sentScopesExclude ? 1 : 0;
  if (service.sent_scopes_exclude !== sent) await tx.run(setGeneration, { service: service.id, sent });
}

async function hubs(
  tx: Transaction,
  scopes: readonly Scope[],
  exclude: readonly Scope[],
  protocols: readonly string[] | null,
): Promise<{ id: number; scope: string; weight: number }[]> {
  return tx.all(selectHubs, {
    scopes: scopeRows(scopes),
    exclude: scopeRows(exclude),
    protocols: protocols === null ? null : JSON.stringify(protocols),
  });
}
