/** All results of a network, a part at a time, in the order in which they were reported. */
import type { ScopedKey } from "@alchemiscale/contract";
import type { KnownResult, ResultFilter, ResultPart } from "../../state-store.ts";
import { splitKey, splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { type KnownResultRow, knownResult, knownResultColumns, knownResultNames } from "./known-result.ts";

/** Up to so many Tasks, their results are looked up Task by Task; above it, the results of the whole store are looked through. */
const fewTasks = 20_000;
/** Results of the whole store that are looked through at once. */
const window = 20_000;

const selectNetwork = statement<
  { key: string; scope: string; transformation: string },
  { id: number; transformation: number | null }
>(
  (p) => sql`
    select n.id as id, (select x.id from object x where x.scope = s.id and x.key = ${p.transformation}) as transformation
    from scope s cross join object o cross join network n
    where s.text = ${p.scope} and o.scope = s.id and o.key = ${p.key} and n.id = o.id`,
);
const countTasks = statement<{ network: number; most: number }, { tasks: number }>(
  (p) => sql`
    select count(*) as tasks from (
      select t.id as id from network_transformation nt cross join task t
      where nt.network = ${p.network} and t.transformation = nt.transformation limit cast(${p.most} as bigint)) as counted`,
);

type Part = { network: number; transformation: number | null; after: number; until: number; ok: number | null; limit: number };

const selectByTask = statement<Part, KnownResultRow>(
  (p) => sql`
    select ${knownResultColumns} from (
      select y.id as id from network_transformation nt cross join task x cross join result y
      where nt.network = ${p.network} and x.transformation = nt.transformation and y.task = x.id
        and (cast(${p.transformation} as bigint) is null or nt.transformation = ${p.transformation})
        and y.id > ${p.after} and y.id <= ${p.until} and (cast(${p.ok} as smallint) is null or y.ok = ${p.ok})
      order by y.id limit cast(${p.limit} as bigint)) as found ${knownResultNames} order by r.id`,
);
const selectByAge = statement<Part, KnownResultRow>(
  (p) => sql`
    select ${knownResultColumns} from (
      select y.id as id from result y cross join task x cross join network_transformation nt
      where y.id > ${p.after} and y.id <= ${p.until} and (cast(${p.ok} as smallint) is null or y.ok = ${p.ok})
        and x.id = y.task and nt.network = ${p.network} and nt.transformation = x.transformation
        and (cast(${p.transformation} as bigint) is null or nt.transformation = ${p.transformation})
      order by y.id limit cast(${p.limit} as bigint)) as found ${knownResultNames} order by r.id`,
);
const selectOne = statement<{ token: string; scope: string }, KnownResultRow>(
  (p) => sql`
    select ${knownResultColumns} from (select min(y.id) as id from result y join task x on x.id = y.task join scope z on z.id = x.scope
      where y.token = ${p.token} and z.text = ${p.scope}) as found ${knownResultNames}`,
);

/** Null for a missing network. What is reported later has a higher cursor than `until`. */
export async function resultsOfNetwork(
  tx: Transaction,
  network: ScopedKey,
  { after, until: wanted, ok, transformation, limit }: ResultFilter,
): Promise<ResultPart | null> {
  const until = wanted ?? (await tx.dialect.resultHorizon(tx));
  const [key, scope] = splitKey(network);
  const [transformationKey, transformationScope] = transformation === null ? ["", scope] : splitKey(transformation);
  const found = await tx.first(selectNetwork, { key, scope, transformation: transformationKey });
  if (found === undefined) return null;
  if (transformation !== null && (found.transformation === null || transformationScope !== scope))
    return { results: [], after: until, until };
  const part = {
    network: found.id,
    transformation: found.transformation,
    after,
    ok: ok === null ? null : ok ? 1 : 0,
    limit,
  };
  const { tasks } = (await tx.first(countTasks, { network: found.id, most: fewTasks + 1 })) ?? { tasks: 0 };
  const byTask = tasks <= fewTasks || transformation !== null;
  const end = byTask ? until : Math.min(until, after + window);
  const results = (await tx.all(byTask ? selectByTask : selectByAge, { ...part, until: end })).map(knownResult);
  return resultPart(results, limit, end, until);
}

/** What was looked for up to `end`, and up to `limit` results. */
export function resultPart(results: readonly KnownResult[], limit: number, end: number, until: number): ResultPart {
  const last = results.at(-1);
  return { results, after: last !== undefined && results.length >= limit ? last.cursor : end, until };
}

/** A result by its reference, with the Task that it is of. */
export async function findResult(tx: Transaction, ref: ScopedKey): Promise<KnownResult | null> {
  const [token, scope] = splitToken(ref, "ProtocolDAGResultRef");
  const row = await tx.first(selectOne, { token, scope });
  return row === undefined ? null : knownResult(row);
}
