import { sql, statement, text } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

/**
 * Up to which id all rows of a table are there, where transactions write beside each other; `tag`: the first 16 bits of the keys of
 * advisory locks that hold a number of such an id in the other 48.
 *
 * The answer is the last id such that every row up to it is seen by statements after this one, or never will be (rolled back).
 * In this order: an id given before the first statement belongs to a transaction that announced itself before it. When the second one
 * looks, either the announcement still stands, and bounds the answer, or the transaction has ended and its rows are seen by the next
 * statement. Needs a transaction each of whose statements sees what was committed before it (mode `follow`).
 */
export function horizonOf(table: "event" | "result", tag: bigint): (tx: Transaction) => Promise<number> {
  const selectLast = statement<Record<never, never>, { last: number }>(
    () => sql`select last_value - case when is_called then 0 else 1 end as last from ${text(table)}_id_seq`,
  );
  const selectFirstOpen = statement<Record<never, never>, { first: number | null }>(
    () => sql`
    select min(((classid::bigint & 65535) << 32) | objid::bigint) as first from pg_locks
    where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = ${text(String(tag))}
      and database = (select oid from pg_database where datname = current_database())`,
  );
  return async (tx) => {
    const last = (await tx.first(selectLast, {}))?.last ?? 0;
    const first = (await tx.first(selectFirstOpen, {}))?.first ?? last;
    return Math.min(last, first);
  };
}
