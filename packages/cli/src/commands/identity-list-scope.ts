import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { print, printJson } from "../terminal/print.ts";
import { pythonList } from "../terminal/python-list.ts";

/** `identity list-scope`: in the order they were given. */
export async function identityListScope(
  options: StoreOptions & { readonly identityType: IdentityType; readonly identifier: string; readonly json?: boolean },
): Promise<void> {
  const scopes = await withStateStore(options, (store) => store.identities.listScopes(options.identityType, options.identifier));
  if (options.json) printJson(scopes);
  else print(pythonList(scopes));
}
