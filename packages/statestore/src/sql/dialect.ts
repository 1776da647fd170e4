/** What truly differs between the engines. Everything else is written once, in SQL that both understand. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { PackedEntries } from "@alchemiscale/gufe";
import type { DrawRequest } from "./claims/draw-request.ts";
import type { ObjectRow } from "./objects/object-row.ts";
import type { Fragment, Parameter } from "./statement.ts";
import type { Transaction } from "./transaction.ts";

export type ColumnType = "text" | "bigint" | "double precision";

export interface Dialect {
  readonly name: "SQLite" | "PostgreSQL";
  /** Placeholder of the n-th parameter, from 1. */
  readonly parameter: (number: number) => string;
  /** A from-item of a JSON array of values: columns `ord` (from 0) and `value`. */
  readonly list: (json: Parameter, type: ColumnType) => Fragment;
  /** A from-item of a JSON array of arrays: column `ord` and those named, by position. */
  readonly rows: (json: Parameter, columns: Readonly<Record<string, ColumnType>>) => Fragment;
  /** Ends a select that takes row locks on the alias; nothing where one writer runs at a time. */
  readonly lock: (alias: string, strength: "update" | "key share") => Fragment;
  /** True when concurrent writers exist, so that rows must be locked before they are judged. */
  readonly locksRows: boolean;
  /** A fresh standard exponential variate for every row. */
  readonly exponential: Fragment;
  /** DDL: an integer key that the engine counts up. */
  readonly countedKey: Fragment;
  /** DDL: text compared by bytes. */
  readonly text: Fragment;
  /** DDL: ends a table whose rows lie in the order of its primary key. */
  readonly clustered: Fragment;
  /** DDL: ends a table whose rows change all the time. */
  readonly busy: Fragment;
  /** Takes up to `count` Tasks from a hub for a service (design: weighted random claims). */
  readonly drawTasks: (tx: Transaction, request: DrawRequest) => Promise<readonly ScopedKey[]>;
  /** The last id up to which the event log is complete; what is committed later has a higher one. In mode `follow`. */
  readonly eventHorizon: (tx: Transaction) => Promise<number>;
  /** The same for results. In mode `follow`. */
  readonly resultHorizon: (tx: Transaction) => Promise<number>;
  /** Writes objects, whose texts are `packed`, into a scope, those that stand there already left out; the id of each that was written. */
  readonly insertObjects: (
    tx: Transaction,
    scope: number,
    objects: readonly ObjectRow[],
    packed: PackedEntries,
  ) => Promise<readonly { key: string; id: number }[]>;
}
