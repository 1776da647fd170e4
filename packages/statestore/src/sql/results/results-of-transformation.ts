/** The results of one Transformation, a part at a time, in the order in which they were reported; and one of them by its key. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { KnownResult, ResultFilter, ResultPart } from "../../state-store.ts";
import { splitKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { type KnownResultRow, knownResult, knownResultColumns, knownResultNames } from "./known-result.ts";
import { resultPart } from "./results-of-network.ts";

const selectTransformation = statement<{ key: string; scope: string }, { id: number }>(
  (p) => sql`
    select t.id as id from scope s cross join object o cross join transformation t
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and t.id = o.id`,
);
const selectPart = statement<
  { transformation: number; after: number; until: number; ok: number | null; limit: number },
  KnownResultRow
>(
  (p) => sql`
    select ${knownResultColumns} from (
      select y.id as id from task x cross join result y
      where x.transformation = ${p.transformation} and y.task = x.id and y.id > ${p.after} and y.id <= ${p.until}
        and (cast(${p.ok} as smallint) is null or y.ok = ${p.ok})
      order by y.id limit cast(${p.limit} as bigint)) as found ${knownResultNames} order by r.id`,
);
const selectByKey = statement<{ transformation: number; resultKey: string; ok: number }, KnownResultRow>(
  (p) => sql`
    select ${knownResultColumns} from (
      select min(y.id) as id from task x cross join result y
      where x.transformation = ${p.transformation} and y.task = x.id and y.result_key = ${p.resultKey} and y.ok = ${p.ok}) as found ${knownResultNames}`,
);

/** Null for a missing Transformation. What is reported later has a higher cursor than `until`. */
export async function partOfTransformation(
  tx: Transaction,
  transformation: ScopedKey,
  { after, until: wanted, ok, limit }: Omit<ResultFilter, "transformation">,
): Promise<ResultPart | null> {
  const until = wanted ?? (await tx.dialect.resultHorizon(tx));
  const found = await findTransformation(tx, transformation);
  if (found === null) return null;
  const rows = await tx.all(selectPart, { transformation: found, after, until, ok: ok === null ? null : ok ? 1 : 0, limit });
  return resultPart(rows.map(knownResult), limit, until, until);
}

/** The first one with the gufe key, of any of its Tasks; null without one. */
export async function resultWithKey(
  tx: Transaction,
  transformation: ScopedKey,
  resultKey: string,
  ok: boolean,
): Promise<KnownResult | null> {
  const found = await findTransformation(tx, transformation);
  return found === null ? null : resultOf(tx, found, resultKey, ok);
}

/** The same by the store's id of the Transformation. */
export async function resultOf(
  tx: Transaction,
  transformation: number,
  resultKey: string,
  ok: boolean,
): Promise<KnownResult | null> {
  const row = await tx.first(selectByKey, { transformation, resultKey, ok: ok ? 1 : 0 });
  return row === undefined ? null : knownResult(row);
}

async function findTransformation(tx: Transaction, transformation: ScopedKey): Promise<number | null> {
  const [key, scope] = splitKey(transformation);
  return (await tx.first(selectTransformation, { key, scope }))?.id ?? null;
}
