import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { note } from "../terminal/print.ts";

/** `database init`: opening a store brings its schema up to date. */
export async function databaseInit(options: StoreOptions): Promise<void> {
  await withStateStore(options, (store) => store.check());
  note("Its tables are up to date.");
}
