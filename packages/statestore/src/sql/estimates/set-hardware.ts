import type { ScopedKey } from "@alchemiscale/contract";
import { splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";
import { markTransformationsStale } from "./mark-stale.ts";

const select = statement<{ token: string; scope: string }, { id: number | null; transformation: number | null }>(
  (p) => sql`
    select min(r.id) as id, min(t.transformation) as transformation from result r join task t on t.id = r.task join scope s on s.id = t.scope
    where r.token = ${p.token} and s.text = ${p.scope}`,
);
const put = statement<{ result: number; name: string }>(
  (p) => sql`
    insert into result_hardware (result, name) values (${p.result}, ${p.name})
    on conflict (result) do update set name = excluded.name`,
);

/** What a result was computed on. Nothing for one that is unknown. */
export async function setHardware(tx: Transaction, ref: ScopedKey, name: string): Promise<void> {
  const [token, scope] = splitToken(ref, "ProtocolDAGResultRef");
  const row = await tx.first(select, { token, scope });
  if (row === undefined || row.id === null || row.transformation === null) return;
  await putHardware(tx, row.id, name);
  await markTransformationsStale(tx, [row.transformation]);
}

/** The same of a row whose result nobody has read yet: no estimate is stale for it. */
export async function putHardware(tx: Transaction, result: number, name: string): Promise<void> {
  await tx.run(put, { result, name: storable(name) });
}
