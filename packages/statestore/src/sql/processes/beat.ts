import type { ApiProcess } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const upsert = statement<{
  id: string;
  kind: string;
  host: string;
  pid: number;
  started: number;
  now: number;
  until: number;
}>(
  (p) => sql`
    insert into api_process (id, kind, host, pid, started, heartbeat, until)
    values (${p.id}, ${p.kind}, ${p.host}, ${p.pid}, ${p.started}, ${p.now}, ${p.until})
    on conflict (id) do update set heartbeat = excluded.heartbeat, until = excluded.until`,
);
const forgetDead = statement<{ now: number }>((p) => sql`delete from api_process where until < ${p.now}`);
// In one statement: of two processes that start at once, one begins the new time and the other finds it begun.
const live = statement<{ now: number; until: number }>(
  (p) => sql`
    update liveness set since = case when until is null or until < ${p.now} then ${p.now} else since end,
      until = case when until > ${p.until} then until else ${p.until} end
    where id = 1`,
);

/**
 * An API process is there, for so many seconds if it is not heard of again. Where services can reach it and nobody was known to be there
 * any more, a new time begins in which they can be heard (see `expire-services.ts`); a database that could not be reached for as long
 * counts as nobody. Forgets processes that are gone.
 */
export async function beat(tx: Transaction, process: Omit<ApiProcess, "heartbeat">, seconds: number): Promise<void> {
  const { id, kind, pid, started } = process;
  const { now } = tx;
  const until = now + Math.ceil(seconds * 1e6);
  await tx.run(upsert, { id, kind, host: storable(process.host), pid, started, now, until });
  await tx.run(forgetDead, { now });
  if (kind !== "user") await tx.run(live, { now, until });
}
