/** What belongs to what: networks, Transformations and ChemicalSystems (§12). A missing parent has no relations. */
import type { ScopedKey } from "@alchemiscale/contract";
import { joinKey, splitKey } from "../scoped-keys.ts";
import { type Fragment, type Parameters, sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

type Place = { key: string; scope: string };

/** `ids`: a select of the column `id`, given the id of the parent as `parent.id`, in the order of the reply. */
function relation(from: (p: Parameters<Place>) => Fragment): (tx: Transaction, key: ScopedKey) => Promise<ScopedKey[]> {
  const select = statement<Place, { key: string; scope: string }>(
    (p) => sql`
      select distinct o.key as key, s.text as scope, related.position as position
      from (${from(p)}) as related join object o on o.id = related.id join scope s on s.id = o.scope
      order by related.position, o.key`,
  );
  return async (tx, key) => {
    const [gufeKey, scope] = splitKey(key);
    const rows = await tx.all(select, { key: gufeKey, scope });
    return rows.map((row) => joinKey(row.key, row.scope));
  };
}

const parent = (p: Parameters<Place>): Fragment =>
  sql`(select po.id from scope ps join object po on po.scope = ps.id where ps.text = ${p.scope} and po.key = ${p.key})`;

export const transformationsOf = relation(
  (p) => sql`select transformation as id, 0 as position from network_transformation where network = ${parent(p)}`,
);
export const chemicalSystemsOf = relation(
  (p) => sql`select system as id, 0 as position from network_system where network = ${parent(p)}`,
);
export const networksOfTransformation = relation(
  (p) => sql`select network as id, 0 as position from network_transformation where transformation = ${parent(p)}`,
);
export const networksOfChemicalSystem = relation(
  (p) => sql`select network as id, 0 as position from network_system where system = ${parent(p)}`,
);
export const transformationsOfChemicalSystem = relation(
  (p) => sql`
    select id, 0 as position from transformation where state_a = ${parent(p)}
    union select id, 0 as position from transformation where state_b = ${parent(p)}`,
);
/** stateA, then stateB; one where they are the same, as in a NonTransformation. */
export const chemicalSystemsOfTransformation = relation(
  (p) => sql`
    select state_a as id, 0 as position from transformation where id = ${parent(p)}
    union all select state_b as id, 1 as position from transformation where id = ${parent(p)} and state_b <> state_a`,
);
