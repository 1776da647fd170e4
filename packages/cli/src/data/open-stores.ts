/** Opens the stores that a command acts on, and says which they are. */
import type { StateStore } from "@alchemiscale/statestore";
import { note } from "../terminal/print.ts";
import { createDataDirectory } from "./data-directory.ts";
import { storeUrls } from "./store-urls.ts";

export interface StoreOptions {
  readonly data?: string;
  /** Address of the Python server's database; see {@link storeUrls}. */
  readonly url?: string;
}

/**
 * Runs `work` on the state store, closed afterwards. Its description goes to standard error.
 * @throws {UsageError} for a data directory or address that cannot be used; the store's own errors.
 */
export async function withStateStore<T>(options: StoreOptions, work: (store: StateStore) => Promise<T>): Promise<T> {
  const urls = storeUrls(options);
  if (urls.stateStoreEmbedded) createDataDirectory(urls.directory);
  const { openStateStore } = await import("@alchemiscale/statestore");
  const store = await openStateStore(urls.stateStore);
  try {
    note(`State store: ${store.description}`);
    return await work(store);
  } finally {
    await store.close();
  }
}
