/**
 * Writing objects on SQLite: one statement an object. In this process a statement costs a microsecond, less than to write a row into a JSON list and to
 * read it there: 3.9 ms for 804 objects of a network as a list with the texts in a blob, 1.6 ms one by one.
 */
import type { ObjectRow } from "../objects/object-row.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import type { SqliteTransaction } from "./sqlite-transaction.ts";

const insert = statement<{ scope: number; key: string; class: number; height: number; text: string }>(
  (p) => sql`
    insert into object (scope, key, class, height, text) values (${p.scope}, ${p.key}, ${p.class}, ${p.height}, ${p.text})
    on conflict (scope, key) do nothing`,
);

export async function insertObjects(
  tx: Transaction,
  scope: number,
  objects: readonly ObjectRow[],
): Promise<{ key: string; id: number }[]> {
  const ids = (tx as SqliteTransaction).insertEach(
    insert,
    objects.map((object) => ({ scope, ...object })),
  );
  return objects.flatMap(({ key }, i) => {
    const id = ids[i];
    return id === undefined ? [] : [{ key, id }];
  });
}
