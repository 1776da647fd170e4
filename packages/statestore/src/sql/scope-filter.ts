/** Restricting rows to scopes that may hold wildcards. */
import type { Scope } from "@alchemiscale/contract";
import type { Dialect } from "./dialect.ts";
import { scopeRow } from "./scoped-keys.ts";
import { type Fragment, type Parameter, sql } from "./statement.ts";

/** A subquery: the ids of the stored scopes that one of the given ones covers. */
export function scopesWithin(scopes: Parameter, d: Dialect): Fragment {
  return sql`(
    select known.id from ${d.rows(scopes, { org: "text", campaign: "text", project: "text" })} as asked
    join scope known on (asked.org is null or asked.org = known.org) and (asked.campaign is null or asked.campaign = known.campaign)
      and (asked.project is null or asked.project = known.project))`;
}

/** The parameter for {@link scopesWithin}. */
export function scopeRows(scopes: readonly Scope[]): string {
  return JSON.stringify(scopes.map(scopeRow));
}
