/** Up to which result all are seen on PostgreSQL; the same as for events (`event-horizon.ts`), under a tag of its own. */
import { sql, statement, text } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

/** The first 16 bits of the keys of advisory locks that hold a number of a result in the other 48. Part of the schema. */
export const resultHorizonTag = 0x616dn;

const selectLast = statement<Record<never, never>, { last: number }>(
  () => sql`select last_value - case when is_called then 0 else 1 end as last from result_id_seq`,
);
const selectFirstOpen = statement<Record<never, never>, { first: number | null }>(
  () => sql`
    select min(((classid::bigint & 65535) << 32) | objid::bigint) as first from pg_locks
    where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = ${text(String(resultHorizonTag))}
      and database = (select oid from pg_database where datname = current_database())`,
);

/** The last id up to which results are complete, as `eventHorizon` for events. In mode `follow`. */
export async function resultHorizon(tx: Transaction): Promise<number> {
  const last = (await tx.first(selectLast, {}))?.last ?? 0;
  const first = (await tx.first(selectFirstOpen, {}))?.first ?? last;
  return Math.min(last, first);
}
