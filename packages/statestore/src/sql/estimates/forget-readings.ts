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

// What networks are about, and their estimates, may be told otherwise by a later version.
const forgetEdges = statement(() => sql`delete from network_document where name = 'edges'`);
const markNetworks = statement(() => sql`update network_estimate set revision = revision + 1`);

/** The next `limit` results after a cursor are to be read anew; what was read stays until then. How many, and the last of them; null at the end. */
export async function forgetReadings(
  tx: Transaction,
  after: number,
  limit: number,
): Promise<{ readonly last: number; readonly results: number } | null> {
  if (after === 0) {
    await tx.run(forgetEdges, {});
    await tx.run(markNetworks, {});
  }
  const { last, results } = (await tx.first(selectEnd, { after, limit })) ?? { last: null, results: 0 };
  if (last === null) return null;
  await tx.run(forget, { after, last });
  return { last, results };
}
