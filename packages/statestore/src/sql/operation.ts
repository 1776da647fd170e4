/** An operation of the state store: one transaction, written once for both engines. */
import type { Transaction } from "./transaction.ts";

export interface Operation<A extends readonly unknown[], R> {
  /** `read` runs on a snapshot and changes nothing. */
  readonly mode: "read" | "write";
  readonly run: (tx: Transaction, ...args: A) => Promise<R>;
}

export function read<A extends readonly unknown[], R>(run: (tx: Transaction, ...args: A) => Promise<R>): Operation<A, R> {
  return { mode: "read", run };
}

export function write<A extends readonly unknown[], R>(run: (tx: Transaction, ...args: A) => Promise<R>): Operation<A, R> {
  return { mode: "write", run };
}
