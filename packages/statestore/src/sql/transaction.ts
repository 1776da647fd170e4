/** The running transaction, as operations see it. */
import type { Instant } from "../state-store.ts";
import type { Dialect } from "./dialect.ts";
import type { Insertion } from "./insertion.ts";
import type { Statement, Value } from "./statement.ts";

export interface Transaction {
  readonly dialect: Dialect;
  /** The instant of the operation: the same for everything that it writes. */
  readonly now: Instant;
  /** All rows. */
  all<P extends Record<string, Value>, R>(statement: Statement<P, R>, parameters: P): Promise<R[]>;
  /** The first row. */
  first<P extends Record<string, Value>, R>(statement: Statement<P, R>, parameters: P): Promise<R | undefined>;
  /** Number of rows changed. */
  run<P extends Record<string, Value>, R>(statement: Statement<P, R>, parameters: P): Promise<number>;
  /** Writes rows that are not there yet. */
  insert(insertion: Insertion, rows: readonly InsertedRow[]): Promise<void>;
}

/** Values in the order of the insertion's columns. */
export type InsertedRow = readonly (string | number | null)[];
