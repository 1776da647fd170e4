import type { Scope } from "@alchemiscale/contract";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ scope: string }, { id: number }>((p) => sql`select id from scope where text = ${p.scope}`);
const insert = statement<{ scope: string; org: string; campaign: string; project: string }>(
  (p) => sql`
    insert into scope (text, org, campaign, project) values (${p.scope}, ${p.org}, ${p.campaign}, ${p.project})
    on conflict (text) do nothing`,
);

/** The id of a specific scope, given on first use. */
export async function internScope(tx: Transaction, scope: Scope): Promise<number> {
  const known = await tx.first(select, { scope });
  if (known !== undefined) return known.id;
  const [org = "", campaign = "", project = ""] = scope.split("-");
  await tx.run(insert, { scope, org, campaign, project });
  const row = await tx.first(select, { scope });
  if (row === undefined) throw new Error(`the scope ${scope} could not be written`);
  return row.id;
}
