import type { TaskStatus } from "@alchemiscale/contract";
import type { StoreSummary } from "../../store-operations.ts";
import { statusOf } from "../codes.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const counts = statement<
  Record<never, never>,
  Record<"networks" | "transformations" | "results" | "identities" | "services" | "managers" | "events", number> & {
    event: number | null;
    heartbeat: number | null;
  }
>(
  () => sql`
    select (select count(*) from network) as networks, (select count(*) from transformation) as transformations,
      (select count(*) from result) as results, (select count(*) from identity) as identities,
      (select count(*) from service) as services, (select count(*) from manager) as managers, (select count(*) from event) as events,
      (select at from event order by id desc limit 1) as event, (select max(heartbeat) from service) as heartbeat`,
);
const tasks = statement<Record<never, never>, { status: number; count: number }>(
  () => sql`select status, count(*) as count from task group by status order by status`,
);

/** How much there is, and when something last happened. */
export async function storeSummary(tx: Transaction): Promise<StoreSummary> {
  const found = await tx.first(counts, {});
  if (found === undefined) throw new Error("counting gave no row");
  const { event, heartbeat, ...numbers } = found;
  const tasksByStatus: Partial<Record<TaskStatus, number>> = {};
  let sum = 0;
  for (const { status, count } of await tx.all(tasks, {})) {
    tasksByStatus[statusOf(status)] = count;
    sum += count;
  }
  const lastActivity = event === null && heartbeat === null ? null : Math.max(event ?? 0, heartbeat ?? 0);
  return { ...numbers, tasks: sum, tasksByStatus, lastActivity };
}
