import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Instant, ServiceOperations } from "../../state-store.ts";
import { generationOf } from "../claims/claim-holder.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<
  { identifier: string },
  {
    identifier: ComputeServiceId;
    sent_manager_key: number;
    sent_scopes_exclude: number | null;
    registered: Instant;
    heartbeat: Instant;
  }
>(
  (p) => sql`
    select identifier, sent_manager_key, sent_scopes_exclude, registered, heartbeat from service where identifier = ${p.identifier}`,
);
const selectAll = statement<
  Record<never, never>,
  {
    service: ComputeServiceId;
    identity: string | null;
    manager: string | null;
    host: string | null;
    versions: string | null;
    registered: Instant;
    heartbeat: Instant;
    claims: number;
  }
>(
  () => sql`
    select s.identifier as service, a.name as identity, s.manager_name as manager, s.host as host, s.versions as versions, s.registered as registered,
      s.heartbeat as heartbeat, (select count(*) from task t where t.service = s.id) as claims
    from service s left join agent a on a.id = s.identity order by s.id`,
);

export async function getService(tx: Transaction, service: ComputeServiceId): ReturnType<ServiceOperations["get"]> {
  const row = await tx.first(select, { identifier: service });
  return row === undefined ? null : { ...generationOf(row), registered: row.registered, heartbeat: row.heartbeat };
}

/** In the order of registration. */
export async function listServices(tx: Transaction): ReturnType<ServiceOperations["list"]> {
  return (await tx.all(selectAll, {})).map(({ versions, ...row }) => ({
    ...row,
    versions: versions === null ? null : JSON.parse(versions),
  }));
}
