import type { TransformationSummary } from "../../estimate-operations.ts";
import { recordEvents } from "../events/record-events.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { markNetworksStale } from "./mark-stale.ts";

const selectNews = statement<{ summaries: string }, { ord: number; id: number; news: number }>(
  (p, d) => sql`
    select i.ord as ord, e.transformation as id, case when e.brief is null or e.brief <> i.brief then 1 else 0 end as news
    from ${d.rows(p.summaries, { id: "bigint", revision: "bigint", brief: "text" })} as i cross join transformation_estimate e
    where e.transformation = i.id and e.computed < i.revision order by e.transformation ${d.lock("e", "update")}`,
);
const update = statement<{ id: number; revision: number; text: string; brief: string }>(
  (p) => sql`
    update transformation_estimate set text = ${p.text}, brief = ${p.brief}, computed = ${p.revision}
    where transformation = ${p.id} and computed < ${p.revision}`,
);
const selectNetworks = statement<{ transformations: string }, { network: number; key: string; id: number }>(
  (p, d) => sql`
    select nt.network as network, o.key as key, o.id as id from ${d.list(p.transformations, "bigint")} as i
    cross join network_transformation nt cross join object o where nt.transformation = i.value and o.id = i.value order by i.ord, nt.network`,
);

/**
 * Summaries as they were computed from a revision; one that was computed from a later one stays. Where what is told in brief is new, the estimates of the networks are
 * stale from now on, and whoever watches them hears of it.
 */
export async function writeSummaries(tx: Transaction, summaries: readonly TransformationSummary[]): Promise<void> {
  if (summaries.length === 0) return;
  const rows = summaries.map(({ id, revision, brief }) => [id, revision, storable(brief)]);
  const current = await tx.all(selectNews, { summaries: JSON.stringify(rows) });
  const changed = new Map<number, string>();
  for (const { ord, id, news } of current) {
    const summary = summaries[ord];
    if (summary === undefined) continue;
    const { revision, text, brief } = summary;
    await tx.run(update, { id, revision, text: storable(text), brief: storable(brief) });
    if (news !== 0) changed.set(id, summary.words);
  }
  const ids = [...changed.keys()];
  await markNetworksStale(tx, ids);
  const told = await tx.all(selectNetworks, { transformations: JSON.stringify(ids) });
  await recordEvents(
    tx,
    "estimate",
    told.map(({ network, key, id }) => ({ network, from: key, to: changed.get(id) ?? null })),
    {},
  );
}
