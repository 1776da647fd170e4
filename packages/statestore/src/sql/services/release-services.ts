/** What happens to registrations that go away (§8.1). */
import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { status as code, kindCode, statusOf } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { refreshDraws } from "../hubs/refresh-draws.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { sql, statement } from "../statement.ts";
import { lockTasks } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";

const selectClaimed = statement<{ services: string }, { id: number; status: number }>(
  (p, d) => sql`
    select t.id as id, t.status as status from ${d.list(p.services, "bigint")} as i cross join task t where t.service = i.value`,
);
// Written before the claims are dropped, so that the log says whose they were.
const logReturned = statement<{ services: string; at: number; kind: number; identity: number | null; reason: string }>(
  (p, d) => sql`
    insert into event (at, kind, task, was, became, identity, service, reason)
    select cast(${p.at} as bigint), cast(${p.kind} as smallint), t.id, 'running', 'waiting', cast(${p.identity} as bigint), s.agent,
      cast(${p.reason} as text)
    from ${d.list(p.services, "bigint")} as i cross join service s cross join task t
    where s.id = i.value and t.service = s.id and t.status = ${code.running} order by t.id`,
);
const release = statement<{ services: string }>(
  (p, d) => sql`
    update task set service = null, claimed = null, status = case when status = ${code.running} then ${code.waiting} else status end
    where service in (select value from ${d.list(p.services, "bigint")} as i)`,
);
const forget = statement<{ services: string }>(
  (p, d) => sql`delete from service where id in (select value from ${d.list(p.services, "bigint")} as i)`,
);
const forgetFailures = statement<{ services: string }>(
  (p, d) => sql`delete from service_failure where service in (select value from ${d.list(p.services, "bigint")} as i)`,
);

/** Their running Tasks wait again and stay on their hubs; the registrations go, and their failures with them. The caller has locked them. */
export async function releaseServices(
  tx: Transaction,
  services: readonly { readonly id: number; readonly identifier: ComputeServiceId }[],
  kind: "deregister" | "expire",
  actor: Actor,
): Promise<void> {
  if (services.length === 0) return;
  const parameters = { services: JSON.stringify(services.map((service) => service.id)) };
  const select = () => tx.all(selectClaimed, parameters);
  if (tx.dialect.locksRows) {
    await lockTasks(
      tx,
      (await select()).map((task) => task.id),
    );
  }
  const claimed = await select();
  if (claimed.length > 0) {
    const cause = { at: tx.now, kind: kindCode("status"), identity: await internAgent(tx, actor.identity), reason: kind };
    await tx.run(logReturned, { ...parameters, ...cause });
    await tx.run(release, parameters);
    const returned = claimed.filter((task) => statusOf(task.status) === "running");
    await refreshDraws(
      tx,
      returned.map((task) => task.id),
    );
  }
  await tx.run(forgetFailures, parameters);
  await tx.run(forget, parameters);
  await recordEvents(
    tx,
    kind,
    services.map((service) => ({ from: service.identifier })),
    actor,
  );
}
