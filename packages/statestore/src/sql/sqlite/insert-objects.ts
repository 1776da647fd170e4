/**
 * Writing objects on SQLite: one statement an object. In this process a statement costs a microsecond, less than to write a row into a JSON list and to
 * read it there: 3.9 ms for 804 objects of a network as a list with the texts in a blob, 1.6 ms one by one. The texts go as the bytes that they are.
 */
import { type PackedEntries, packedBytes } from "@alchemiscale/gufe";
import type { ObjectRow } from "../objects/object-row.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import type { SqliteTransaction } from "./sqlite-transaction.ts";

const insert = statement<{ scope: number; key: string; class: number; height: number; text: Uint8Array }>(
  (p) => sql`
    insert into object (scope, key, class, height, text)
    values (${p.scope}, ${p.key}, ${p.class}, ${p.height}, cast(${p.text} as text)) on conflict (scope, key) do nothing`,
);

export async function insertObjects(
  tx: Transaction,
  scope: number,
  objects: readonly ObjectRow[],
  packed: PackedEntries,
): Promise<{ key: string; id: number }[]> {
  const rows = objects.map((object) => ({ scope, ...object, text: packedBytes(packed, object.place) }));
  const ids = (tx as SqliteTransaction).insertEach(insert, rows);
  return objects.flatMap(({ key }, i) => {
    const id = ids[i];
    return id === undefined ? [] : [{ key, id }];
  });
}
