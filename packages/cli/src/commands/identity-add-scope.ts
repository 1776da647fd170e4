import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { UsageError } from "../usage-error.ts";
import { scopeOption } from "./scope-option.ts";

/** `identity add-scope`: duplicates, and identities that do not exist, are passed over in silence; a scope that is none is an error. */
export async function identityAddScope(
  options: StoreOptions & { readonly identityType: IdentityType; readonly identifier: string; readonly scope: readonly string[] },
): Promise<void> {
  if (options.identityType === "admin") {
    throw new UsageError("an admin identity has no scopes: it sees no networks and claims no Tasks");
  }
  const scopes = options.scope.map(scopeOption);
  await withStateStore(options, (store) => store.identities.addScopes(options.identityType, options.identifier, scopes));
}
