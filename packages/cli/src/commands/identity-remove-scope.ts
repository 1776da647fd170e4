import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { scopeOption } from "./scope-option.ts";

/** `identity remove-scope`: duplicates, and identities that do not exist, are passed over in silence; a scope that is none is an error. */
export async function identityRemoveScope(
  options: StoreOptions & { readonly identityType: IdentityType; readonly identifier: string; readonly scope: readonly string[] },
): Promise<void> {
  const scopes = options.scope.map(scopeOption);
  await withStateStore(options, (store) => store.identities.removeScopes(options.identityType, options.identifier, scopes));
}
