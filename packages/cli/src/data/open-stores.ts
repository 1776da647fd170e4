/** Opens the stores that a command acts on, and says which they are. */
import type { StateStore, StateStoreOptions } from "@alchemiscale/statestore";
import { note } from "../terminal/print.ts";
import { createDataDirectory } from "./data-directory.ts";
import { applyToEnvironment, type StoreOptions } from "./store-options.ts";
import { storeUrls } from "./store-urls.ts";

export type { StoreOptions } from "./store-options.ts";

/**
 * Runs `work` on the state store, closed afterwards. Its description goes to standard error.
 * @throws {UsageError} for a data directory or address that cannot be used; the store's own errors.
 */
export async function withStateStore<T>(
  options: StoreOptions,
  work: (store: StateStore) => Promise<T>,
  openOptions: StateStoreOptions = {},
): Promise<T> {
  applyToEnvironment(options);
  const urls = storeUrls(options);
  if (urls.stateStoreEmbedded) createDataDirectory(urls.directory);
  const { openStateStore } = await import("@alchemiscale/statestore");
  const store = await openStateStore(urls.stateStore, { onBackup: tellBackup, ...openOptions });
  try {
    note(`State store: ${store.description}`);
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Opening a store may migrate it, and a migration that rewrites what is stored leaves a copy of what was there. */
export function tellBackup(file: string): void {
  note(`The state store was migrated. What it was before is kept in ${file}; remove it when you no longer need it.`);
}
