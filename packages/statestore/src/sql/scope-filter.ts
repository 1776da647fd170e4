/** Restricting rows to scopes that may hold wildcards. */
import type { Scope } from "@alchemiscale/contract";
import type { Dialect } from "./dialect.ts";
import { type Fragment, type Parameter, sql } from "./statement.ts";

/** A subquery: the ids of the stored scopes that one of the given ones covers. */
export function scopesWithin(scopes: Parameter, d: Dialect): Fragment {
  return sql`(
    select known.id from ${d.rows(scopes, { first: "text", beyond: "text" })} as asked
    cross join scope known where known.text >= asked.first and known.text < asked.beyond)`;
}

/**
 * The parameter for {@link scopesWithin}. Wildcards are at the end only, so the covered scopes lie together in the order of their bytes:
 * those of `o-c-*` from `o-c-` on and before `o-c.`, the character after the hyphen; one place alone from its text on and before the same
 * with a `!`, which comes before every character of a name.
 */
export function scopeRows(scopes: readonly Scope[]): string {
  return JSON.stringify(
    scopes.map((scope) => {
      const wildcard = scope.indexOf("*");
      if (wildcard < 0) return [scope, `${scope}!`];
      return wildcard === 0 ? ["", "~"] : [scope.slice(0, wildcard), `${scope.slice(0, wildcard - 1)}.`];
    }),
  );
}
