/**
 * The thread of one SQLite connection: runs whole operations, one message each.
 *
 * The writer commits together what has queued up while it was busy (each operation but the first in a savepoint of its own, so that
 * a refused one leaves no trace), and answers only after the commit: the cost of making a commit durable is then shared.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { IncompatibleDatabase, type SerializedError, StateStoreUnavailable, serializeError } from "../../errors.ts";
import type { Instant } from "../../state-store.ts";
import { loadMigrations } from "../migrations/load-migrations.ts";
import { migrate } from "../migrations/migrate.ts";
import { operationOf } from "../operations.ts";
import { backupFile } from "./backup-file.ts";
import { handedOver } from "./handed-over.ts";
import { SqliteConnection } from "./sqlite-connection.ts";

export interface WorkerData {
  readonly file: string;
  readonly mode: "read" | "write";
  readonly now: Instant;
  /** Address of a module with another list of migrations; for tests. */
  readonly migrations: string | null;
  readonly port: MessagePort;
}

/** An operation to run; `"rest"` asks the thread to give back memory, `null` to end. */
export type WorkerRequest = WorkerOperation | "rest" | null;

interface WorkerOperation {
  readonly id: number;
  readonly domain: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly now: Instant;
}

export type WorkerReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SerializedError };

/** At most so many operations share a commit, so that the first of them does not wait long. */
const groupLimit = 128;
const groupMs = 20;

/** Primary result codes of SQLite that say that the file cannot be used now: busy, locked, no memory, read-only, I/O error, full, cannot open. */
const unavailableCodes = new Set([5, 6, 7, 8, 10, 13, 14]);
const notADatabase = 26;

const { file, mode, now, migrations, port } = workerData as WorkerData;

try {
  const connection = new SqliteConnection(file, mode);
  const backup = mode === "write" ? await prepareSchema(connection) : null;
  serve(connection);
  port.postMessage({ id: 0, value: backup } satisfies WorkerReply);
} catch (error) {
  port.postMessage({ id: 0, error: serializeError(translated(error)) } satisfies WorkerReply);
  port.close();
}

/** The backup that was taken, if any. */
async function prepareSchema(connection: SqliteConnection): Promise<string | null> {
  let backup: string | null = null;
  connection.begin("write");
  try {
    await migrate(connection.transaction(now), `SQLite ${file}`, {
      migrations: await loadMigrations(migrations),
      // The transaction has changed nothing yet, and keeps others from changing anything until the migration is done.
      beforeRewriting: async ([first]) => {
        const time = new Date(now / 1000).toISOString().replaceAll(/[-:]|\..*/g, "");
        backup = `${file}.before-version-${first?.version}-${time}`;
        await backupFile(file, backup);
      },
    });
    connection.execute("commit");
    return backup;
  } catch (error) {
    connection.execute("rollback");
    throw error;
  }
}

function serve(connection: SqliteConnection): void {
  let busy = false;
  const waiting: WorkerRequest[] = [];
  const next = (): WorkerRequest | undefined => {
    if (waiting.length > 0) return waiting.shift();
    return receiveMessageOnPort(port)?.message as WorkerRequest | undefined;
  };
  port.on("message", async (request: WorkerRequest) => {
    waiting.push(request);
    if (busy) return;
    busy = true;
    for (let first = next(); first !== undefined; first = next()) {
      if (first === null) {
        connection.close();
        port.close();
        return;
      }
      if (first === "rest") rest(connection);
      else if (mode === "read") answer(await runRead(connection, first));
      else for (const reply of await runGroup(connection, first, next, waiting)) answer(reply);
    }
    busy = false;
  });
}

function answer(reply: WorkerReply): void {
  port.postMessage(reply, "value" in reply ? handedOver(reply.value) : []);
}

/** `gc` is there where whoever started the process has asked for it. */
function rest(connection: SqliteConnection): void {
  connection.shrink();
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

async function runRead(connection: SqliteConnection, request: WorkerOperation): Promise<WorkerReply> {
  try {
    connection.begin("read");
    const value = await operationOf(request.domain, request.method)(connection.transaction(request.now), ...request.args);
    return { id: request.id, value };
  } catch (error) {
    return { id: request.id, error: serializeError(translated(error)) };
  } finally {
    if (connection.inTransaction) connection.execute("commit");
  }
}

async function runGroup(
  connection: SqliteConnection,
  first: WorkerOperation,
  next: () => WorkerRequest | undefined,
  putBack: WorkerRequest[],
): Promise<WorkerReply[]> {
  const replies: WorkerReply[] = [];
  const started = performance.now();
  try {
    connection.begin("write");
  } catch (error) {
    return [{ id: first.id, error: serializeError(translated(error)) }];
  }
  for (let request: WorkerRequest | undefined = first; request !== undefined; request = next()) {
    if (request === null || request === "rest") {
      putBack.unshift(request);
      break;
    }
    replies.push(await runWrite(connection, request, replies.length === 0));
    if (!connection.inTransaction || replies.length >= groupLimit || performance.now() - started > groupMs) break;
  }
  // A lonely one that failed has nothing to commit. Where a later one has ended the transaction, the commit fails, and so does everything in it.
  const [alone] = replies;
  if (alone !== undefined && "error" in alone && replies.length === 1 && !connection.inTransaction) return replies;
  try {
    connection.execute("commit");
    return replies;
  } catch (error) {
    if (connection.inTransaction) connection.execute("rollback");
    return replies.map((reply) => ("error" in reply ? reply : { id: reply.id, error: serializeError(translated(error)) }));
  }
}

/**
 * The first of a group, as a rule the only one, is alone in the transaction: without a savepoint, whose cost grows with what is written. Those
 * after it have one each.
 */
async function runWrite(connection: SqliteConnection, request: WorkerOperation, isAlone: boolean): Promise<WorkerReply> {
  if (!isAlone) connection.execute("savepoint operation");
  try {
    const value = await operationOf(request.domain, request.method)(connection.transaction(request.now), ...request.args);
    if (!isAlone) connection.execute("release operation");
    return { id: request.id, value };
  } catch (error) {
    // A full disk or an I/O error may have ended the whole transaction; then the commit fails and tells everyone.
    if (connection.inTransaction) connection.execute(isAlone ? "rollback" : "rollback to operation; release operation");
    return { id: request.id, error: serializeError(translated(error)) };
  }
}

function translated(error: unknown): unknown {
  if (error instanceof Error && "errcode" in error && typeof error.errcode === "number") {
    if (unavailableCodes.has(error.errcode & 0xff)) {
      return new StateStoreUnavailable(`the database file cannot be used: ${error.message}`, { code: error.errcode });
    }
    if (error.errcode === notADatabase)
      return new IncompatibleDatabase(`${file} is no database of SQLite, or a damaged one`, { file });
  }
  return error;
}
