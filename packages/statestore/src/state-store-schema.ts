/** What can be known of a state store's schema before it is opened. */

export interface PendingMigration {
  /** Of the schema, once it is applied. */
  readonly version: number;
  readonly title: string;
  /** Drops something or writes rows anew. */
  readonly rewrites: boolean;
}

export interface SchemaState {
  /** For people: engine and place, never a password. */
  readonly description: string;
  /** 0 for an empty database, or where there is none yet. */
  readonly version: number;
  /** In the order in which opening the store applies them. */
  readonly pending: readonly PendingMigration[];
}
