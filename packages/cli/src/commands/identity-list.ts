import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { print, printJson } from "../terminal/print.ts";
import { pythonList } from "../terminal/python-list.ts";

/** `identity list`: the identifiers of one type. */
export async function identityList(
  options: StoreOptions & { readonly identityType: IdentityType; readonly json?: boolean },
): Promise<void> {
  const identifiers = await withStateStore(options, (store) => store.identities.list(options.identityType));
  if (options.json) printJson(identifiers);
  else print(pythonList(identifiers));
}
