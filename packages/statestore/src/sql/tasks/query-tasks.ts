import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import type { ScopeFilter } from "../../state-store.ts";
import { statusCode } from "../codes.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ scopes: string; status: number | null }, { token: string; scope: string }>(
  (p, d) => sql`
    select t.token as token, s.text as scope
    from transformation tf cross join task t cross join scope s
    where tf.scope in ${scopesWithin(p.scopes, d)} and t.transformation = tf.id and s.id = t.scope
      and (cast(${p.status} as bigint) is null or t.status = ${p.status})
    order by s.org, s.campaign, s.project, t.token`,
);

/** Ordered by org, campaign, project, key; an unknown status matches nothing (§12). */
export async function queryTasks(tx: Transaction, filter: ScopeFilter & { readonly status?: string }): Promise<ScopedKey[]> {
  const status = filter.status === undefined ? null : statusCode(filter.status as TaskStatus);
  const rows = await tx.all(select, { scopes: scopeRows(filter.scopes), status });
  return rows.map(({ token, scope }) => joinKey(`Task-${token}`, scope));
}
