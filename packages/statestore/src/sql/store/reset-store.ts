import { StoreInUse } from "../../errors.ts";
import type { Instant } from "../../state-store.ts";
import { migrate } from "../migrations/migrate.ts";
import { listProcesses } from "../processes/list-processes.ts";
import { sql, statement, text } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { storeFunctions, storeTables } from "./store-tables.ts";

// Nobody registers between the question and the end of the tables.
const lockRegistries = statement(() => sql`lock table api_process, service in access exclusive mode`);
const selectLive = statement<{ since: number }, { identifier: string }>(
  (p) => sql`select identifier from service where heartbeat > ${p.since} order by heartbeat desc`,
);

/**
 * Drops every table and makes them anew, in one transaction.
 * @throws {StoreInUse}
 */
export async function resetStore(tx: Transaction, liveSince: Instant): Promise<void> {
  if (tx.dialect.locksRows) await tx.run(lockRegistries, {});
  const processes = await listProcesses(tx);
  if (processes.length > 0) {
    throw new StoreInUse(`${processes.length} API process(es) use the store: end them first`, { processes: processes.length });
  }
  const live = await tx.all(selectLive, { since: liveSince });
  if (live.length > 0) {
    const named = live.slice(0, 3).map(({ identifier }) => identifier);
    throw new StoreInUse(
      `${live.length} compute service(s) are alive (${named.join(", ")}${live.length > named.length ? ", …" : ""}): end them first`,
      { services: live.length },
    );
  }
  for (const table of await storeTables(tx)) {
    const drop = statement(() => sql`drop table ${text(table)}`);
    await tx.run(drop, {});
  }
  for (const name of storeFunctions(tx.dialect)) {
    const drop = statement(() => sql`drop function if exists ${text(name)}`);
    await tx.run(drop, {});
  }
  await migrate(tx, "the state store");
}
