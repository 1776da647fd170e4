/** The state store: one contract, SQLite embedded and PostgreSQL for a server. */
export * from "./errors.ts";
export { openStateStore, type StateStoreOptions } from "./open-state-store.ts";
export type * from "./state-store.ts";
