/** Writing objects on PostgreSQL: the rows travel as JSON, texts and all. */
import { type PackedEntries, packedText } from "@alchemiscale/gufe";
import { inChunks } from "../objects/in-chunks.ts";
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

export async function insertObjects(
  tx: Transaction,
  scope: number,
  objects: readonly ObjectRow[],
  packed: PackedEntries,
): Promise<{ key: string; id: number }[]> {
  const written: { key: string; id: number }[] = [];
  for (const chunk of inChunks(objects, ({ place }) => (packed.ends[place] ?? 0) - (packed.ends[place - 1] ?? 0))) {
    const rows = chunk.map((object) => [object.key, object.class, object.height, packedText(packed, object.place)]);
    written.push(...(await tx.all(insert, { scope, objects: JSON.stringify(rows) })));
  }
  return written;
}
