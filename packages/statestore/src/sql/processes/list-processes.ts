import type { ApiProcess, Instant } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ now: number }, ApiProcess>(
  (p) => sql`
    select id, kind, host, pid, started, heartbeat from api_process where until >= ${p.now} order by started, id`,
);
const selectLiveness = statement<Record<never, never>, { since: Instant | null; until: Instant | null }>(
  () => sql`select since, until from liveness where id = 1`,
);

/** Those that are there, as far as is known: one that was killed is listed until its time is over. */
export async function listProcesses(tx: Transaction): Promise<ApiProcess[]> {
  return (await tx.all(select, { now: tx.now })).map((row) => ({ ...row }));
}

export async function liveness(tx: Transaction): Promise<{ since: Instant; until: Instant } | null> {
  const row = await tx.first(selectLiveness, {});
  return row === undefined || row.since === null || row.until === null ? null : { since: row.since, until: row.until };
}
