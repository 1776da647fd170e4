import type { ScopedKey } from "@alchemiscale/contract";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

// Which they are before what they say: a sort should not carry the texts.
const select = statement<{ key: string; scope: string; limit: number }, { text: string }>(
  (p) => sql`
    select g.text as text
    from (select r.id as id, r.result_key as result_key
      from scope s cross join object o cross join task t cross join result r cross join result_reading y
      where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and t.transformation = o.id and r.task = t.id and y.result = r.id
      order by r.result_key, r.id limit cast(${p.limit} as bigint)) as found
    cross join result_reading g where g.result = found.id order by found.result_key, found.id`,
);

/** What was read of the first results of a Transformation, in the order of the results' keys. */
export async function transformationReadings(tx: Transaction, transformation: ScopedKey, limit: number): Promise<string[]> {
  const [key, scope] = splitKey(transformation);
  return (await tx.all(select, { key, scope, limit })).map(({ text }) => text);
}
