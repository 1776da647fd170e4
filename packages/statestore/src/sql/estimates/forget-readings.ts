import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectEnd = statement<{ after: number; limit: number }, { last: number | null; results: number }>(
  (p) => sql`
    select max(found.id) as last, count(*) as results
    from (select r.id as id from result r where r.id > ${p.after} order by r.id limit cast(${p.limit} as bigint)) as found`,
);
const forget = statement<{ after: number; last: number }>(
  (p) => sql`update result set reader = null where id > ${p.after} and id <= ${p.last} and reader is not null`,
);

/** The next `limit` results after a cursor are to be read anew; what was read stays until then. The last of them; null at the end. */
export async function forgetReadings(tx: Transaction, after: number, limit: number): Promise<number | null> {
  const { last } = (await tx.first(selectEnd, { after, limit })) ?? { last: null };
  if (last !== null) await tx.run(forget, { after, last });
  return last;
}
