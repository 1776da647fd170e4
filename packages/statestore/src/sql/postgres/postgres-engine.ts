/** The engine for more than one machine: a PostgreSQL server through a pool of connections. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { MigrationNeedsBackup, StateStoreError, StateStoreUnavailable } from "../../errors.ts";
import type { Instant } from "../../state-store.ts";
import { mayBeSeen } from "../change-listeners.ts";
import type { Engine, OperationCall } from "../engine.ts";
import { loadMigrations } from "../migrations/load-migrations.ts";
import { migrate } from "../migrations/migrate.ts";
import { operationOf } from "../operations.ts";
import { compile, type Statement, sql, statement, type Value } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { ChangeChannel } from "./change-channel.ts";
import { entriesOf, refreshStatistics } from "./fresh-statistics.ts";
import { describePostgres, reasonOf } from "./postgres-address.ts";
import { postgresDialect } from "./postgres-dialect.ts";

/** Any number that other programs on the same database are unlikely to use: one migration runs at a time. */
const migrationLock = 0x616c6368;

/** A migration may rewrite a large table. */
const noLimit = 0;

/** How often an operation that lost to another one is tried again. */
const attempts = 20;

/**
 * Connects and migrates. A connection that is lost later is replaced by itself.
 * @throws {IncompatibleDatabase} {@link StateStoreUnavailable}, {@link MigrationNeedsBackup}
 */
export async function openPostgresEngine(
  url: string,
  options: {
    clock: () => Instant;
    connections: number;
    patience: number;
    backupAtHand: boolean;
    migrations: string | null;
  },
): Promise<Engine> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    pipeline: true,
    application_name: "alchemiscale",
    types: { getTypeParser },
    // The statements do not depend on their parameters, so one plan each is enough; planning the draw anew takes longer than running it.
    // Such a plan must also hold when the tables have grown: none may be read from end to end where an index will do. What has to be read so has a price then
    // that would call for compiling.
    options: "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off",
  });
  // An idle connection that breaks leaves the pool; the next operation opens another.
  pool.on("error", () => {});
  // One that breaks while it is used fails what runs on it; without a listener it would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  const description = describePostgres(url);
  const unavailable = (error: unknown) =>
    new StateStoreUnavailable(`${description} cannot be reached: ${reasonOf(error)}`, { store: description });

  /** @param patience milliseconds for each statement: a server that hangs, or a network that swallows everything, closes no connection for hours */
  const once = async <T>(begin: string, run: (tx: Transaction) => Promise<T>, patience: number): Promise<T> => {
    const plain = (text: string) => client.query({ text, query_timeout: patience } as pg.QueryConfig);
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw unavailable(error);
    }
    try {
      // The first statement follows in the same breath; when this fails, so does that.
      const begun = plain(begin);
      begun.catch(() => {});
      const written = { entries: 0 };
      const value = await run(transactionOn(client, options.clock(), written, patience));
      await begun;
      if (begin === begins.write) await refreshStatistics(client, written.entries);
      await plain("commit");
      client.release();
      return value;
    } catch (error) {
      const lost = isLost(error);
      const rolledBack = lost
        ? false
        : await plain("rollback").then(
            () => true,
            () => false,
          );
      client.release(!rolledBack);
      throw lost ? unavailable(error) : error;
    }
  };

  /** Others may have changed what the operation had read, or wait for each other: the database then refuses it, and it runs again. */
  const patiently = async <T>(begin: string, run: (tx: Transaction) => Promise<T>, patience = options.patience): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(begin, run, patience);
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (attempt >= attempts) {
          throw new StateStoreUnavailable(
            `${description} refused an operation ${attempts} times because of others: ${reasonOf(error)}`,
            {
              store: description,
            },
          );
        }
        await sleep(Math.random() * Math.min(200, 5 * 2 ** attempt));
      }
    }
  };

  try {
    await patiently(
      "begin isolation level read committed",
      async (tx) => {
        await tx.run(lockForMigration, { key: migrationLock });
        await migrate(tx, description, {
          migrations: await loadMigrations(options.migrations),
          beforeRewriting: async ([first]) => {
            if (options.backupAtHand || first === undefined) return;
            throw new MigrationNeedsBackup(
              `${description} must be migrated to schema version ${first.version} (${first.title}), which drops or rewrites what is stored. End every process that uses it, make a backup (pg_dump), and run: alchemiscale database migrate --i-have-a-backup`,
              { version: first.version, migration: first.title },
            );
          },
        });
      },
      noLimit,
    );
  } catch (error) {
    await pool.end();
    throw error instanceof StateStoreError ? error : unavailable(error);
  }

  const changes = new ChangeChannel(url, (text, values) => pool.query(text, [...values]));
  let closed = false;
  return {
    description,
    run({ domain, method, mode, args }: OperationCall) {
      if (closed) return Promise.reject(new StateStoreUnavailable("the state store was closed"));
      const operation = operationOf(domain, method);
      const ran = patiently(begins[mode], (tx) => operation(tx, ...args));
      return mayBeSeen({ domain, method, mode }) ? ran.finally(() => changes.wrote()) : ran;
    },
    watch: (listener) => changes.watch(listener),
    // The server vacuums by itself.
    shrink: async () => {},
    rest() {},
    async close() {
      if (closed) return;
      closed = true;
      await changes.close();
      await pool.end();
    },
  };
}

const lockForMigration = statement<{ key: number }>((p) => sql`select pg_advisory_xact_lock(${p.key})`);

const begins = {
  read: "begin isolation level repeatable read read only",
  follow: "begin isolation level read committed read only",
  write: "begin isolation level read committed",
} as const;

/** @param written is told the length of the longest list */
function transactionOn(client: pg.PoolClient, now: Instant, written: { entries: number }, patience: number): Transaction {
  const query = async <P, R>(declared: Statement<P, R>, parameters: Record<string, Value>): Promise<pg.QueryResult> => {
    const { name, text, parameters: names } = compile(declared, postgresDialect);
    const values = names.map((parameter) => parameters[parameter]);
    const entries = Math.max(0, ...values.map(entriesOf));
    written.entries = Math.max(written.entries, entries);
    // A plan that was made when the tables were small may go through all of one for each entry: a long list gets a new one, which costs nothing beside it.
    const query = { text, values, query_timeout: patience };
    return client.query(entries > 50 ? query : { name, ...query });
  };
  return {
    dialect: postgresDialect,
    now,
    async all<P extends Record<string, Value>, R>(declared: Statement<P, R>, parameters: P): Promise<R[]> {
      return (await query(declared, parameters)).rows;
    },
    async first<P extends Record<string, Value>, R>(declared: Statement<P, R>, parameters: P): Promise<R | undefined> {
      return (await query(declared, parameters)).rows[0];
    },
    async run<P extends Record<string, Value>, R>(declared: Statement<P, R>, parameters: P): Promise<number> {
      return (await query(declared, parameters)).rowCount ?? 0;
    },
    async insert(insertion, rows) {
      await query(insertion.ofList, { rows: JSON.stringify(rows) });
    },
  };
}

const bigintOid = 20;

/** Ids, counts and instants fit into a number; what may not, such as a priority, is selected as text. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return oid === bigintOid ? Number : pg.types.getTypeParser(oid, format as "text");
}

/** Serialization failures and deadlocks: the transaction has no effect and may simply run again. */
function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** The server is gone, going, or full; or the connection to it is. */
function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined)
    return (
      error instanceof Error && /connection|client (was closed|has encountered)|socket|query read timeout/i.test(error.message)
    );
  return (
    code.startsWith("08") ||
    code.startsWith("53") ||
    code.startsWith("57P") ||
    code.startsWith("58") ||
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT", "EAI_AGAIN", "EHOSTUNREACH", "ENOENT"].includes(code) ||
    // A standby, or a server that was told to accept reads only.
    code === "25006"
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
