import type { NewReading } from "../../estimate-operations.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { markTransformationsStale } from "./mark-stale.ts";

const upsert = statement<{ readings: string }>(
  (p, d) => sql`
    insert into result_reading (result, text) select result, text from ${d.rows(p.readings, { result: "bigint", text: "text" })} as i
    where true order by result on conflict (result) do update set text = excluded.text`,
);
const mark = statement<{ readings: string }>(
  (p, d) => sql`
    update result set reader = i.version from ${d.rows(p.readings, { result: "bigint", version: "bigint" })} as i where result.id = i.result`,
);
const selectTransformations = statement<{ results: string }, { transformation: number }>(
  (p, d) => sql`
    select distinct t.transformation as transformation
    from ${d.list(p.results, "bigint")} as i cross join result r cross join task t where r.id = i.value and t.id = r.task`,
);

/** What was read; a second reading of a result replaces the first. The summaries of their Transformations are stale from now on. */
export async function writeReadings(tx: Transaction, readings: readonly NewReading[]): Promise<void> {
  if (readings.length === 0) return;
  await tx.run(upsert, { readings: JSON.stringify(readings.map(({ result, text }) => [result, storable(text)])) });
  await tx.run(mark, { readings: JSON.stringify(readings.map(({ result, version }) => [result, version])) });
  const touched = await tx.all(selectTransformations, { results: JSON.stringify(readings.map(({ result }) => result)) });
  await markTransformationsStale(
    tx,
    touched.map(({ transformation }) => transformation),
  );
}
