import type { ComputeManagerId, ComputeManagerStatus } from "@alchemiscale/contract";
import { ManagerNameTaken } from "../../errors.ts";
import type { ManagerOperations } from "../../state-store.ts";
import { recordEvents } from "../events/record-events.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { splitManagerId } from "./find-manager.ts";
import { managersRemoved, type RemovedManager } from "./managers-removed.ts";

const steal = statement<{ name: string }, RemovedManager>(
  (p) => sql`delete from manager where name = ${p.name} and status = 'OK' returning id, name, uuid`,
);
const insert = statement<{ name: string; uuid: string; now: number; identity: number | null }, { id: number }>(
  (p) => sql`
    insert into manager (name, uuid, status, detail, saturation, registered, updated, identity)
    values (${p.name}, ${p.uuid}, 'OK', '', 0, ${p.now}, ${p.now}, ${p.identity})
    on conflict (name) do nothing returning id`,
);
const selectHolder = statement<{ name: string }, { status: ComputeManagerStatus }>(
  (p) => sql`select status from manager where name = ${p.name}`,
);
const attach = statement<{ name: string; manager: number }>(
  (p) => sql`update service set manager = ${p.manager} where manager_name = ${p.name}`,
);

/**
 * A new registration; every service of that manager name belongs to it from now on (§8.2). `steal`: an OK holder of the name is
 * deregistered first; one in ERROR stays, so that somebody sees what went wrong.
 * @throws {ManagerNameTaken}
 */
export async function registerManager(
  tx: Transaction,
  manager: ComputeManagerId,
  options: Parameters<ManagerOperations["register"]>[1],
): Promise<void> {
  const [name, uuid] = splitManagerId(manager);
  const actor = options.identity === null ? {} : { identity: options.identity };
  if (options.steal) await managersRemoved(tx, await tx.all(steal, { name }), "deregister", { ...actor, reason: "stolen" });
  const identity = await internAgent(tx, options.identity);
  const inserted = await tx.first(insert, { name, uuid, now: tx.now, identity });
  if (inserted === undefined) {
    const status = (await tx.first(selectHolder, { name }))?.status ?? "OK";
    throw new ManagerNameTaken(`ComputeManager with this name is already registered with status ${status}: ${name}`, {
      name,
      status,
    });
  }
  await tx.run(attach, { name, manager: inserted.id });
  await recordEvents(tx, "register", [{ to: manager }], actor);
}
