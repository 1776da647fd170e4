import type { ScopedKey } from "@alchemiscale/contract";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<{ after: number; until: number }, { key: string; scope: string }>(
  (p) => sql`
    select o.key as key, s.text as scope from (
      select e.network as network from event e where e.id > ${p.after} and e.id <= ${p.until} and e.network is not null
      union
      select nt.network as network from event e cross join task t cross join network_transformation nt
      where e.id > ${p.after} and e.id <= ${p.until} and t.id = e.task and nt.transformation = t.transformation) as touched
    cross join object o cross join scope s where o.id = touched.network and s.id = o.scope`,
);

/** Each once, in no order. */
export async function networksTouched(tx: Transaction, after: number, until: number): Promise<ScopedKey[]> {
  return (await tx.all(select, { after, until })).map(({ key, scope }) => joinKey(key, scope));
}
