import type { ScopedKey } from "@alchemiscale/contract";
import type { ScopeFilter } from "../../state-store.ts";
import { scopeRows, scopesWithin } from "../scope-filter.ts";
import { joinKey } from "../scoped-keys.ts";
import { type Statement, sql, statement, text } from "../statement.ts";
import { storableOrNull } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

type Parameters = { scopes: string; name: string | null };
type Row = { key: string; scope: string };

const selectFrom = (table: "transformation" | "chemical_system"): Statement<Parameters, Row> =>
  statement<Parameters, Row>(
    (p, d) => sql`
      select o.key as key, s.text as scope
      from ${text(table)} x join object o on o.id = x.id join scope s on s.id = x.scope
      where x.scope in ${scopesWithin(p.scopes, d)} and (cast(${p.name} as text) is null or x.name = ${p.name})
      order by s.org, s.campaign, s.project, o.key`,
  );
const selectTransformations = selectFrom("transformation");
const selectSystems = selectFrom("chemical_system");

/** By exact name; ordered by org, campaign, project, key (§12). */
export function queryTransformations(tx: Transaction, filter: ScopeFilter & { readonly name?: string }): Promise<ScopedKey[]> {
  return query(tx, selectTransformations, filter);
}

/** By exact name; ordered by org, campaign, project, key (§12). */
export function queryChemicalSystems(tx: Transaction, filter: ScopeFilter & { readonly name?: string }): Promise<ScopedKey[]> {
  return query(tx, selectSystems, filter);
}

async function query(
  tx: Transaction,
  select: Statement<Parameters, Row>,
  filter: ScopeFilter & { readonly name?: string },
): Promise<ScopedKey[]> {
  const rows = await tx.all(select, { scopes: scopeRows(filter.scopes), name: storableOrNull(filter.name ?? null) });
  return rows.map(({ key, scope }) => joinKey(key, scope));
}
