/** Who may touch what: the scopes of a token against what a call names (user-api §2.2, §4). */
import {
  grants,
  InvalidScope,
  intersect,
  minimize,
  type Route,
  type Scope,
  type ScopedKey,
  scopeFromParts,
  scopeOf,
} from "@alchemiscale/contract";
import type { Caller } from "../auth/tokens.ts";
import { badScopeQuery, unauthorized } from "./http-error.ts";

/** 401, never 403: a client that is denied fetches a new token, which is how newly granted scopes reach it (user-api §1.4). */
export function requireScope(caller: Caller, target: Scope): void {
  if (grants(caller.scopes, target)) return;
  const granted = caller.scopes.map((scope) => `'${scope}'`).join(", ");
  throw unauthorized(`Targeted scope '${target}' not accessible via scopes for this identity: [${granted}].`);
}

/** @throws {HttpError} 401 unless every key is in scope */
function requireKeys(caller: Caller, keys: Iterable<ScopedKey>): void {
  const seen = new Set<Scope>();
  for (const key of keys) {
    const scope = scopeOf(key);
    if (seen.has(scope)) continue;
    requireScope(caller, scope);
    seen.add(scope);
  }
}

/** Keys out of scope become null: on some bulk routes they act as missing. */
export function accessibleOrNull(caller: Caller, keys: readonly ScopedKey[]): (ScopedKey | null)[] {
  const allowed = new Map<Scope, boolean>();
  return keys.map((key) => {
    const scope = scopeOf(key);
    const is = allowed.get(scope) ?? grants(caller.scopes, scope);
    allowed.set(scope, is);
    return is ? key : null;
  });
}

/** The checks that a route's permission asks for on its path and its body. */
export function checkPermission(route: Route, caller: Caller, params: Record<string, unknown>, body: unknown): void {
  const { permission } = route;
  if (permission.kind === "path-keys")
    requireKeys(
      caller,
      permission.params.map((name) => params[name] as ScopedKey),
    );
  if (permission.kind === "body-keys") requireKeys(caller, (body as Record<string, ScopedKey[]>)[permission.member] ?? []);
}

/**
 * The scopes of a query, cut down to those of the token.
 * @throws {HttpError} 400 for components that make no scope
 */
export function queriedScopes(
  caller: Caller,
  query: { readonly org?: string; readonly campaign?: string; readonly project?: string },
): Scope[] {
  let scope: Scope;
  try {
    scope = scopeFromParts(query);
  } catch (error) {
    if (!(error instanceof InvalidScope)) throw error;
    throw badScopeQuery(`Requested Scope cannot be processed as a 3-object tuple of form "X-Y-Z": ${error.message}`);
  }
  return accessible(caller, scope);
}

/** What of a scope the caller may see: disjoint scopes in the order of their text. */
export function accessible(caller: Caller, scope: Scope): Scope[] {
  return minimize(intersect(scope, caller.scopes));
}
