import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ name: string }, { id: number }>((p) => sql`select id from agent where name = ${p.name}`);
const insert = statement<{ name: string }>((p) => sql`insert into agent (name) values (${p.name}) on conflict (name) do nothing`);

/** The id of the name of an identity, service or strategy, given on first use; null for none. */
export async function internAgent(tx: Transaction, name: string | null | undefined): Promise<number | null> {
  if (name === null || name === undefined) return null;
  const parameters = { name: storable(name) };
  const known = await tx.first(select, parameters);
  if (known !== undefined) return known.id;
  await tx.run(insert, parameters);
  return (await tx.first(select, parameters))?.id ?? null;
}
