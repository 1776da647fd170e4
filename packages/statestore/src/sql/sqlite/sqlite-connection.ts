/** One connection to a SQLite file, and transactions on it. Synchronous underneath: it lives in a worker thread. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { StateStoreUnavailable } from "../../errors.ts";
import type { Instant } from "../../state-store.ts";
import type { Insertion } from "../insertion.ts";
import { compile, type Statement, type Value } from "../statement.ts";
import type { InsertedRow } from "../transaction.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import type { SqliteTransaction } from "./sqlite-transaction.ts";

/** How long to wait for other processes that write to the same file. */
const patienceMs = 60_000;

/** Rows in one statement of an insertion. */
const rowsAtOnce = 32;

export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();
  readonly #insertions = new Map<Insertion, { readonly some: StatementSync; readonly one: StatementSync }>();

  constructor(file: string, mode: "read" | "write") {
    const database = waitForLock(() => new DatabaseSync(file, { timeout: patienceMs, enableForeignKeyConstraints: false }));
    this.#database = database;
    waitForLock(() => database.exec("pragma journal_mode = wal"));
    // Every acknowledged change is on the disk, also after a loss of power.
    database.exec(
      "pragma synchronous = full; pragma temp_store = memory; pragma journal_size_limit = 67108864; pragma wal_autocheckpoint = 8192",
    );
    database.exec(`pragma cache_size = -${mode === "write" ? 16384 : 4096}`);
    if (mode === "read") database.exec("pragma query_only = on");
    // A writer waits where it begins, and by itself: see waitForLock.
    else database.exec("pragma busy_timeout = 0");
  }

  transaction(now: Instant): SqliteTransaction {
    const get = <P, R>(declared: Statement<P, R>): Prepared => {
      const { name, text, parameters } = compile(declared, sqliteDialect);
      let known = this.#prepared.get(name);
      if (known === undefined) {
        known = { statement: this.#database.prepare(text), parameters };
        this.#prepared.set(name, known);
      }
      return known;
    };
    return {
      dialect: sqliteDialect,
      now,
      async all<P extends Record<string, Value>, R>(declared: Statement<P, R>, parameters: P): Promise<R[]> {
        const prepared = get(declared);
        return prepared.statement.all(...valuesOf(prepared, parameters)) as R[];
      },
      async first<P extends Record<string, Value>, R>(declared: Statement<P, R>, parameters: P): Promise<R | undefined> {
        const prepared = get(declared);
        return prepared.statement.get(...valuesOf(prepared, parameters)) as R | undefined;
      },
      async run<P extends Record<string, Value>, R>(declared: Statement<P, R>, parameters: P): Promise<number> {
        const prepared = get(declared);
        return Number(prepared.statement.run(...valuesOf(prepared, parameters)).changes);
      },
      insert: async (insertion, rows) => this.#insert(insertion, rows),
      insertEach<P extends Record<string, Value>, R>(declared: Statement<P, R>, rows: readonly P[]): (number | undefined)[] {
        const prepared = get(declared);
        return rows.map((parameters) => {
          const { changes, lastInsertRowid } = prepared.statement.run(...valuesOf(prepared, parameters));
          return changes === 0 ? undefined : Number(lastInsertRowid);
        });
      },
    };
  }

  #insert(insertion: Insertion, rows: readonly InsertedRow[]): void {
    let statements = this.#insertions.get(insertion);
    if (statements === undefined) {
      const prepare = (count: number) => this.#database.prepare(insertion.ofValues(count));
      statements = { some: prepare(rowsAtOnce), one: prepare(1) };
      this.#insertions.set(insertion, statements);
    }
    let done = 0;
    for (; done + rowsAtOnce <= rows.length; done += rowsAtOnce)
      statements.some.run(...rows.slice(done, done + rowsAtOnce).flat());
    for (; done < rows.length; done += 1) statements.one.run(...(rows[done] ?? []));
  }

  execute(text: string): void {
    this.#database.exec(text);
  }

  /** Begins a transaction; a writer waits for the writers of other processes. */
  begin(mode: "read" | "write"): void {
    waitForLock(() => this.#database.exec(mode === "write" ? "begin immediate" : "begin"));
  }

  /** Empties the cache; what is asked for next comes from the file again. */
  shrink(): void {
    this.#database.exec("pragma shrink_memory");
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#database.close();
  }
}

interface Prepared {
  readonly statement: StatementSync;
  readonly parameters: readonly string[];
}

function valuesOf({ parameters }: Prepared, values: Record<string, Value>): Value[] {
  return parameters.map((name) => bound(values, name));
}

function bound(parameters: Record<string, Value>, name: string): Value {
  const value = parameters[name];
  if (value === undefined) throw new Error(`the parameter ${name} of a statement was not given`);
  return value;
}

const sqliteBusy = 5;

/**
 * A lock is waited for here. SQLite's own busy handler is not asked in every case (switching to WAL, recovery after a crash), and soon looks only
 * ten times a second: under another process that writes all the time, and lets go for a tenth of a millisecond between two commits, that
 * is luck. A thousand times a second finds the gap at once, and costs nothing that a waiting thread would need.
 */
function waitForLock<T>(attempt: () => T): T {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > deadline) {
        throw new StateStoreUnavailable(
          `another process has been writing to the database for more than ${patienceMs / 1000} seconds`,
          { seconds: patienceMs / 1000 },
        );
      }
      Atomics.wait(pause, 0, 0, 0.5 + Math.random());
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function isBusy(error: unknown): boolean {
  // Extended result codes keep the primary one in the low byte.
  return (
    error instanceof Error && "errcode" in error && typeof error.errcode === "number" && (error.errcode & 0xff) === sqliteBusy
  );
}
