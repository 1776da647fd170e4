/** Which scope contains which: the rules of access (user-api §2.2). */
import type { Scope } from "./scope.ts";

/** True when every place of `b` is a place of `a`; a scope covers itself. */
export function covers(a: Scope, b: Scope): boolean {
  const theirs = b.split("-");
  return a.split("-").every((component, i) => component === "*" || component === theirs[i]);
}

/** True when one of the granted scopes covers the target. */
export function grants(granted: Iterable<Scope>, target: Scope): boolean {
  for (const scope of granted) if (covers(scope, target)) return true;
  return false;
}

/** Sorted by text, without those that another one covers: disjoint scopes that together hold the same places. */
export function minimize(scopes: Iterable<Scope>): Scope[] {
  const kept: Scope[] = [];
  // `*` sorts before every letter, so what covers comes before what is covered.
  for (const scope of [...scopes].sort(byText)) if (!grants(kept, scope)) kept.push(scope);
  return kept;
}

/**
 * What of `query` an identity may see: the query itself if one granted scope covers it, else the granted scopes inside it.
 * The result is disjoint and sorted; empty when there is no access.
 */
export function intersect(query: Scope, granted: readonly Scope[]): Scope[] {
  const minimized = minimize(granted);
  if (grants(minimized, query)) return [query];
  return minimized.filter((scope) => covers(query, scope));
}

/** The same for several queries at once: queries that another query covers are dropped first. */
export function intersectAll(queries: Iterable<Scope>, granted: readonly Scope[]): Scope[] {
  return minimize(minimize(queries).flatMap((query) => intersect(query, granted)));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
