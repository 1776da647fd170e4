import type { Statement, Value } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

/** A transaction in this process: a statement is a call of a function, with nothing to wait for. */
export interface SqliteTransaction extends Transaction {
  /** Inserts each of `rows` by a statement of its own; gives their ids, undefined where nothing was inserted. */
  insertEach<P extends Record<string, Value>, R>(statement: Statement<P, R>, rows: readonly P[]): (number | undefined)[];
}
