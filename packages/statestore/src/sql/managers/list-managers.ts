import type { ComputeManagerId, ComputeManagerStatus, ComputeServiceId } from "@alchemiscale/contract";
import type { Instant, ManagerRegistration } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { joinManagerId, splitManagerId } from "./find-manager.ts";

interface Row {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
  readonly status: ComputeManagerStatus;
  readonly detail: string | null;
  readonly saturation: number | null;
  readonly registered: Instant;
  readonly updated: Instant;
}

const selectOne = statement<{ name: string; uuid: string }, Row>(
  (p) => sql`
    select id, name, uuid, status, detail, saturation, registered, updated from manager
    where name = ${p.name} and uuid = ${p.uuid}`,
);
const selectAll = statement<Record<never, never>, Row>(
  () => sql`select id, name, uuid, status, detail, saturation, registered, updated from manager order by name`,
);
const selectServices = statement<{ managers: string }, { manager: number; identifier: ComputeServiceId }>(
  (p, d) => sql`
    select s.manager as manager, s.identifier as identifier
    from ${d.list(p.managers, "bigint")} as i cross join service s where s.manager = i.value order by s.id`,
);

export async function getManager(tx: Transaction, manager: ComputeManagerId): Promise<ManagerRegistration | null> {
  const [name, uuid] = splitManagerId(manager);
  const [registration] = await withServices(tx, await tx.all(selectOne, { name, uuid }));
  return registration ?? null;
}

/** In the order of their names. */
export async function listManagers(tx: Transaction): Promise<ManagerRegistration[]> {
  return withServices(tx, await tx.all(selectAll, {}));
}

async function withServices(tx: Transaction, rows: readonly Row[]): Promise<ManagerRegistration[]> {
  if (rows.length === 0) return [];
  const services = Map.groupBy(
    await tx.all(selectServices, { managers: JSON.stringify(rows.map((row) => row.id)) }),
    (service) => service.manager,
  );
  return rows.map(({ id, name, uuid, ...registration }) => ({
    manager: joinManagerId(name, uuid),
    ...registration,
    services: (services.get(id) ?? []).map((service) => service.identifier),
  }));
}
