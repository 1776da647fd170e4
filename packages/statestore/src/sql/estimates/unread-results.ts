/** Results that nobody has read yet: the work that is left is what the store lacks. */
import type { UnreadResult } from "../../estimate-operations.ts";
import { type KnownResultRow, knownResult, knownResultColumns, knownResultNames } from "../results/known-result.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ after: number; limit: number }, KnownResultRow & { protocol: string | null }>(
  (p) => sql`
    select ${knownResultColumns}, (
      select q.key from transformation f cross join object_reference x cross join object q
      where f.id = t.transformation and x.object = f.id and q.id = x.target and q.class = f.protocol limit 1) as protocol
    from (select y.id as id from result y where y.reader is null and y.id > ${p.after} order by y.id limit cast(${p.limit} as bigint)) as found
    ${knownResultNames} order by r.id`,
);

/** The oldest first, after that cursor. */
export async function unreadResults(tx: Transaction, after: number, limit: number): Promise<UnreadResult[]> {
  return (await tx.all(select, { after, limit })).map((row) => ({
    ...knownResult(row),
    protocol: row.protocol === null ? null : joinKey(row.protocol, row.scope),
  }));
}
