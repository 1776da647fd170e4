/** Writing objects on PostgreSQL: the rows travel as JSON, texts and all. */
import type { ObjectRow } from "../objects/object-row.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const insert = statement<{ scope: number; objects: string }, { key: string; id: number }>(
  (p, d) => sql`
    insert into object (scope, key, class, height, text)
    select cast(${p.scope} as bigint), key, class, height, text
    from ${d.rows(p.objects, { key: "text", class: "bigint", height: "bigint", text: "text" })} as o order by ord
    on conflict (scope, key) do nothing returning key, id`,
);

export function insertObjects(
  tx: Transaction,
  scope: number,
  objects: readonly ObjectRow[],
): Promise<{ key: string; id: number }[]> {
  const rows = objects.map((object) => [object.key, object.class, object.height, object.text]);
  return tx.all(insert, { scope, objects: JSON.stringify(rows) });
}
