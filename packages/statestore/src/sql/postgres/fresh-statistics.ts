/**
 * Plans on PostgreSQL rest on what it last counted. A table that was counted while it was small or empty, as a queue often is, is planned for as such until it is counted
 * again, a minute later at best: the next operation on ten thousand Tasks then took two minutes instead of a third of a second. So whoever writes many rows has
 * them counted, where that is more than were known: each time the tables have doubled, not each time.
 */
import type pg from "pg";

/** Shorter lists do no harm even to the worst plan. */
const manyEntries = 100;

const tables = [
  "object",
  "object_reference",
  "transformation",
  "network_transformation",
  "task",
  "actioned",
  "event",
  "network_event",
];

/** How many entries a list holds that travels as a JSON text: about, from its commas; 0 for anything else. */
export function entriesOf(value: unknown): number {
  if (typeof value !== "string" || value.length < 2 * manyEntries || !value.startsWith("[")) return 0;
  const nested = value.startsWith("[[");
  let entries = 1;
  for (let at = value.indexOf(nested ? "],[" : ","); at >= 0; at = value.indexOf(nested ? "],[" : ",", at + 1)) entries += 1;
  return entries;
}

/** In the transaction that has written lists of up to `entries`: it sees its own rows. Other sessions make new plans when it commits. */
export async function refreshStatistics(client: pg.PoolClient, entries: number): Promise<void> {
  if (entries < manyEntries) return;
  const { rows } = await client.query<{ name: string }>({
    name: "counted too long ago",
    text: `select c.relname as name from pg_class c
      where c.oid in (select to_regclass(quote_ident(t)) from unnest($1::text[]) as t)
        and c.reltuples < $2 and pg_relation_size(c.oid) > 0`,
    values: [tables, entries],
  });
  if (rows.length === 0) return;
  // A small sample says all that is wanted: how many rows there are.
  await client.query("set local default_statistics_target = 10");
  await client.query(`analyze (skip_locked) ${rows.map(({ name }) => name).join(", ")}`);
}
