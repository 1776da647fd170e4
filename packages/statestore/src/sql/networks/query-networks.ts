import type { ScopedKey } from "@alchemiscale/contract";
import { compileJavaPattern } from "../../patterns/java-pattern.ts";
import type { ScopeFilter } from "../../state-store.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { matchingStates } from "./matching-states.ts";

const select = statement<{ scopes: string; states: string }, { key: string; scope: string; name: string | null }>(
  (p, d) => sql`
    select o.key as key, s.text as scope, n.name as name
    from network n join object o on o.id = n.id join scope s on s.id = n.scope
    where n.scope in ${scopesWithin(p.scopes, d)} and n.state in (select value from ${d.list(p.states, "bigint")} as w)
    order by s.org, s.campaign, s.project, o.key`,
);

/** Patterns match the whole value; a null name matches none (§12). @throws {InvalidPattern} */
export async function queryNetworks(
  tx: Transaction,
  filter: ScopeFilter & { readonly name?: string; readonly state?: string },
): Promise<ScopedKey[]> {
  const matches = filter.name === undefined ? null : compileJavaPattern(filter.name);
  const rows = await tx.all(select, { scopes: scopeRows(filter.scopes), states: matchingStates(filter.state) });
  const named = matches === null ? rows : rows.filter(({ name }) => name !== null && matches(name));
  return named.map(({ key, scope }) => joinKey(key, scope));
}
