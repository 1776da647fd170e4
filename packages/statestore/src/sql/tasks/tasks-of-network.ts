import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { statusCode } from "../codes.ts";
import { joinKey, splitKey, splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectTasks = statement<{ key: string; scope: string; status: number | null }, { token: string }>(
  (p) => sql`
    select t.token as token from scope s cross join object o cross join network_transformation nt cross join task t
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and nt.network = o.id and t.transformation = nt.transformation
      and (cast(${p.status} as bigint) is null or t.status = ${p.status})
    order by t.id`,
);
const selectNetworks = statement<{ token: string; scope: string }, { key: string }>(
  (p) => sql`
    select o.key as key from task t join scope s on s.id = t.scope
    join network_transformation nt on nt.transformation = t.transformation join object o on o.id = nt.network
    where t.token = ${p.token} and s.text = ${p.scope} order by o.key`,
);

/** Tasks of the network's Transformations, actioned or not, in the order they were created. */
export async function tasksOfNetwork(tx: Transaction, network: ScopedKey, status?: TaskStatus): Promise<ScopedKey[]> {
  const [key, scope] = splitKey(network);
  const rows = await tx.all(selectTasks, { key, scope, status: status === undefined ? null : statusCode(status) });
  return rows.map(({ token }) => joinKey(`Task-${token}`, scope));
}

/** Networks that contain the Task's Transformation. */
export async function networksOfTask(tx: Transaction, task: ScopedKey): Promise<ScopedKey[]> {
  const [token, scope] = splitToken(task, "Task");
  return (await tx.all(selectNetworks, { token, scope })).map(({ key }) => joinKey(key, scope));
}
