import type { IdentityType } from "@alchemiscale/contract";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";

/** `identity remove`: silent when there is no such identity. */
export async function identityRemove(
  options: StoreOptions & { readonly identityType: IdentityType; readonly identifier: string },
): Promise<void> {
  await withStateStore(options, (store) => store.identities.remove(options.identityType, options.identifier));
}
