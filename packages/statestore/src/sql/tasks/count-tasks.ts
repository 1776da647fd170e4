import type { Scope } from "@alchemiscale/contract";
import type { TaskCount } from "../../state-store.ts";
import { statusOf } from "../codes.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<Record<never, never>, { status: number; tasks: number }>(
  () => sql`select status, count(*) as tasks from task group by status`,
);
const selectByScope = statement<Record<never, never>, { scope: Scope; status: number; tasks: number }>(
  () => sql`
    select s.text as scope, c.status as status, c.tasks as tasks
    from (select scope, status, count(*) as tasks from task group by scope, status) c join scope s on s.id = c.scope
    order by c.tasks desc, s.text, c.status`,
);

/** Every Task of the store by status; by scope too where asked, the largest numbers first. Reads all of them. */
export async function countTasks(tx: Transaction, byScope: boolean): Promise<TaskCount[]> {
  if (!byScope) {
    return (await tx.all(select, {})).map(({ status, tasks }) => ({
      scope: null,
      status: statusOf(status),
      tasks: Number(tasks),
    }));
  }
  return (await tx.all(selectByScope, {})).map(({ scope, status, tasks }) => ({
    scope,
    status: statusOf(status),
    tasks: Number(tasks),
  }));
}
