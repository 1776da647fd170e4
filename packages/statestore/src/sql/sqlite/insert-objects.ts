/**
 * Writing objects on SQLite: the texts travel as one blob, and each row says where its own lies. In JSON they would be escaped here, and parsed and copied
 * several times there: twice the time for the whole submission of a network.
 */
import type { ObjectRow } from "../objects/object-row.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const insert = statement<{ scope: number; objects: string; texts: Uint8Array }, { key: string; id: number }>(
  (p) => sql`
    insert into object (scope, key, class, height, text)
    select ${p.scope}, value ->> 0, value ->> 1, value ->> 2, cast(substr(${p.texts}, value ->> 3, value ->> 4) as text)
    from json_each(${p.objects}) where true
    on conflict (scope, key) do nothing returning key, id`,
);

export function insertObjects(
  tx: Transaction,
  scope: number,
  objects: readonly ObjectRow[],
): Promise<{ key: string; id: number }[]> {
  const texts = Buffer.from(objects.map(({ text }) => text).join(""));
  let start = 1;
  const rows = objects.map((object) => {
    const length = Buffer.byteLength(object.text);
    const row = [object.key, object.class, object.height, start, length];
    start += length;
    return row;
  });
  return tx.all(insert, { scope, objects: JSON.stringify(rows), texts });
}
