import type { ScopedKey } from "@alchemiscale/contract";
import type { ScopeFilter } from "../../state-store.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ scopes: string }, { token: string; key: string; scope: string; weight: number }>(
  (p, d) => sql`
    select n.token as token, o.key as key, s.text as scope, n.weight as weight
    from network n join object o on o.id = n.id join scope s on s.id = n.scope
    where n.scope in ${scopesWithin(p.scopes, d)} order by s.org, s.campaign, s.project, n.token`,
);

/** Ordered by org, campaign, project, key of the hub. */
export async function queryHubs(
  tx: Transaction,
  filter: ScopeFilter,
): Promise<{ readonly hub: ScopedKey; readonly network: ScopedKey; readonly weight: number }[]> {
  const rows = await tx.all(select, { scopes: scopeRows(filter.scopes) });
  return rows.map(({ token, key, scope, weight }) => ({
    hub: joinKey(`TaskHub-${token}`, scope),
    network: joinKey(key, scope),
    weight,
  }));
}
