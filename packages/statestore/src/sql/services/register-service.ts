import type { ComputeServiceId } from "@alchemiscale/contract";
import { ManagerNotFound } from "../../errors.ts";
import type { ServiceOperations } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { sql, statement } from "../statement.ts";
import { storableOrNull } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

// The lock keeps the manager from going away before the service belongs to it.
const selectManager = statement<{ name: string }, { id: number }>(
  (p, d) => sql`select m.id as id from manager m where m.name = ${p.name} ${d.lock("m", "key share")}`,
);
const upsert = statement<{
  identifier: string;
  agent: number;
  identity: number | null;
  now: number;
  managerName: string | null;
  manager: number | null;
  sentManagerKey: number;
  host: string | null;
  versions: string | null;
}>(
  (p) => sql`
    insert into service (identifier, agent, identity, registered, heartbeat, manager_name, manager, sent_manager_key, host, versions)
    values (${p.identifier}, ${p.agent}, ${p.identity}, ${p.now}, ${p.now}, ${p.managerName}, ${p.manager}, ${p.sentManagerKey}, ${p.host},
      ${p.versions})
    on conflict (identifier) do update set registered = excluded.registered, heartbeat = excluded.heartbeat,
      identity = excluded.identity, manager_name = excluded.manager_name, manager = excluded.manager,
      sent_manager_key = excluded.sent_manager_key, host = excluded.host,
      versions = excluded.versions`,
);

/**
 * Repeated: times refreshed, claims kept.
 * @throws {ManagerNotFound} when no manager of the name is registered; nothing is written then.
 */
export async function registerService(
  tx: Transaction,
  service: ComputeServiceId,
  options: Parameters<ServiceOperations["register"]>[1],
): Promise<void> {
  const { managerName } = options;
  const manager = managerName === null ? undefined : await tx.first(selectManager, { name: managerName });
  if (managerName !== null && manager === undefined) {
    throw new ManagerNotFound(`Could not find ComputeManagerRegistration of the name ${managerName}: start the manager first`, {
      name: managerName,
    });
  }
  await tx.run(upsert, {
    identifier: service,
    agent: (await internAgent(tx, service)) ?? 0,
    identity: await internAgent(tx, options.identity),
    now: tx.now,
    managerName,
    manager: manager?.id ?? null,
    sentManagerKey: options.sentManagerKey ? 1 : 0,
    host: storableOrNull(options.host ?? null),
    // JSON has no NUL of its own, and escapes lone surrogates.
    versions: options.versions ? JSON.stringify(options.versions) : null,
  });
  await recordEvents(tx, "register", [{ to: managerName }], {
    service,
    ...(options.identity === null ? {} : { identity: options.identity }),
  });
}
