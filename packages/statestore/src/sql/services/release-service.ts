/** What happens to a registration that goes away (§8.1). */
import type { ComputeServiceId } from "@alchemiscale/contract";
import type { Actor } from "../../state-store.ts";
import { status as code, type EventKind, statusOf } from "../codes.ts";
import { recordEvents } from "../events/record-events.ts";
import { refreshDraws } from "../hubs/refresh-draws.ts";
import { sql, statement } from "../statement.ts";
import { lockTasks } from "../tasks/find-tasks.ts";
import type { Transaction } from "../transaction.ts";

const selectClaimed = statement<{ service: number }, { id: number; status: number }>(
  (p) => sql`select id, status from task where service = ${p.service} order by id`,
);
const release = statement<{ service: number }>(
  (p) => sql`
    update task set service = null, claimed = null, status = case when status = ${code.running} then ${code.waiting} else status end
    where service = ${p.service}`,
);
const forget = statement<{ service: number }>((p) => sql`delete from service where id = ${p.service}`);
const forgetFailures = statement<{ service: number }>((p) => sql`delete from service_failure where service = ${p.service}`);

/** Its running Tasks wait again and stay on their hubs; the registration goes, and its failures with it. The caller has locked its row. */
export async function releaseService(
  tx: Transaction,
  service: { readonly id: number; readonly identifier: ComputeServiceId },
  kind: EventKind & ("deregister" | "expire"),
  actor: Actor,
): Promise<void> {
  const parameters = { service: service.id };
  if (tx.dialect.locksRows)
    await lockTasks(
      tx,
      (await tx.all(selectClaimed, parameters)).map((task) => task.id),
    );
  const claimed = await tx.all(selectClaimed, parameters);
  const cause: Actor = { service: service.identifier, reason: kind, ...actor };
  if (claimed.length > 0) {
    await tx.run(release, parameters);
    const returned = claimed.filter((task) => statusOf(task.status) === "running").map((task) => task.id);
    await recordEvents(
      tx,
      "status",
      returned.map((task) => ({ task, from: "running", to: "waiting" })),
      cause,
    );
    await refreshDraws(tx, returned);
  }
  await tx.run(forgetFailures, parameters);
  await tx.run(forget, parameters);
  await recordEvents(tx, kind, [{ from: service.identifier }], cause);
}
