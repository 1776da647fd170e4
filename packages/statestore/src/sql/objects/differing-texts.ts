import type { ObjectText } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { inChunks } from "./in-chunks.ts";

const select = statement<{ scope: number; objects: string }, ObjectText>(
  (p, d) => sql`
    select o.key as key, o.text as text from ${d.rows(p.objects, { key: "text", text: "text" })} as s
    cross join object o where o.scope = ${p.scope} and o.key = s.key and o.text <> s.text order by s.ord`,
);

/** Those of `objects` that stand in the scope under the same key with another text: the stored text. */
export async function differingTexts(tx: Transaction, scope: number, objects: readonly ObjectText[]): Promise<ObjectText[]> {
  const differing: ObjectText[] = [];
  for (const chunk of inChunks(objects, (object) => object.text.length)) {
    differing.push(...(await tx.all(select, { scope, objects: JSON.stringify(chunk.map(({ key, text }) => [key, text])) })));
  }
  return differing;
}
