/** The state store: one contract, SQLite embedded and PostgreSQL for a server. */
export * from "./errors.ts";
export type * from "./estimate-operations.ts";
export { backupStateStore, openStateStore, readSchema, type StateStoreOptions } from "./open-state-store.ts";
export type * from "./state-store.ts";
export type { StateStoreLogger } from "./state-store-logger.ts";
export type * from "./state-store-schema.ts";
export type * from "./store-operations.ts";
export type * from "./strategy-operations.ts";
