import type { ComputeManagerId, ComputeServiceId, Scope } from "@alchemiscale/contract";
import type { ManagerInstruction, ManagerOperations } from "../../state-store.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { findManager } from "./find-manager.ts";

const selectServices = statement<{ manager: number; forgive: number }, { identifier: ComputeServiceId; failures: number }>(
  (p) => sql`
    select s.identifier as identifier,
      (select count(*) from service_failure f where f.service = s.id and f.at > ${p.forgive}) as failures
    from service s where s.manager = ${p.manager} order by s.id`,
);
const selectWithHistory = statement<{ manager: number; forgive: number }, { identifier: ComputeServiceId; failures: number }>(
  (p) => sql`
    select s.identifier as identifier,
      (select count(*) from failure f
        where f.name = s.manager_name and f.identity = coalesce(s.identity, 0) and f.host = coalesce(s.host, '')
          and f.at > ${p.forgive}) as failures
    from service s where s.manager = ${p.manager} order by s.id`,
);
// A key is what makes a Task claimable, so nothing else has to be looked at.
const countClaimable = statement<{ scopes: string; protocols: string | null }, { tasks: number }>(
  (p, d) => sql`
    select count(distinct a.task) as tasks from network n cross join actioned a
    where n.scope in ${scopesWithin(p.scopes, d)} and n.weight > 0 and a.network = n.id and a.draw is not null
      and (cast(${p.protocols} as text) is null
        or a.class in (select c.id from ${d.list(p.protocols, "text")} as asked cross join class c where c.name = asked.value))`,
);

/** What a manager is to do (§8.2). Its own status does not matter. */
export async function instructManager(
  tx: Transaction,
  manager: ComputeManagerId,
  request: Parameters<ManagerOperations["instruction"]>[1],
): Promise<ManagerInstruction> {
  const row = await findManager(tx, manager);
  if (row === null) return { kind: "shutdown" };
  const select = request.failureMemory === "history" ? selectWithHistory : selectServices;
  const rows = await tx.all(select, { manager: row.id, forgive: request.forgiveBefore });
  const services = rows.map((service) => service.identifier);
  if (rows.some((service) => service.failures > request.maxFailures)) return { kind: "skip", services };
  return { kind: "ok", services, tasks: await claimable(tx, request.scopes, request.protocols) };
}

async function claimable(tx: Transaction, scopes: readonly Scope[], protocols: readonly string[] | null): Promise<number> {
  if (scopes.length === 0) return 0;
  const parameters = { scopes: scopeRows(scopes), protocols: protocols === null ? null : JSON.stringify(protocols) };
  return (await tx.first(countClaimable, parameters))?.tasks ?? 0;
}
