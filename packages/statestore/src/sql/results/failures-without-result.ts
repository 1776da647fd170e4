import type { ScopedKey } from "@alchemiscale/contract";
import type { Instant, ResultOperations } from "../../state-store.ts";
import { splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<
  { token: string; scope: string },
  { at: Instant; service: string | null; exception: string; traceback: string }
>(
  (p) => sql`
    select f.at as at, a.name as service, f.exception as exception, f.traceback as traceback
    from scope s join task t on t.scope = s.id join task_failure f on f.task = t.id left join agent a on a.id = f.service
    where s.text = ${p.scope} and t.token = ${p.token} order by f.id`,
);

/** What {@link reportFailure} has kept, oldest first. */
export async function failuresWithoutResult(
  tx: Transaction,
  task: ScopedKey,
): ReturnType<ResultOperations["failuresWithoutResult"]> {
  const [token, scope] = splitToken(task, "Task");
  return tx.all(select, { token, scope });
}
