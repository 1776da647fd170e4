import type { ComputeServiceId, ScopedKey } from "@alchemiscale/contract";
import type { ServiceGeneration } from "../../state-store.ts";
import { splitToken } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<
  { token: string; scope: string },
  { identifier: ComputeServiceId; sent_manager_key: number; sent_scopes_exclude: number | null }
>(
  (p) => sql`
    select v.identifier as identifier, v.sent_manager_key as sent_manager_key, v.sent_scopes_exclude as sent_scopes_exclude
    from task t join scope s on s.id = t.scope join service v on v.id = t.service
    where t.token = ${p.token} and s.text = ${p.scope}`,
);

/** Who claims a Task now; null when nobody does. */
export async function claimHolder(tx: Transaction, task: ScopedKey): Promise<ServiceGeneration | null> {
  const [token, scope] = splitToken(task, "Task");
  const row = await tx.first(select, { token, scope });
  return row === undefined ? null : generationOf(row);
}

export function generationOf(row: {
  readonly identifier: ComputeServiceId;
  readonly sent_manager_key: number;
  readonly sent_scopes_exclude: number | null;
}): ServiceGeneration {
  return {
    service: row.identifier,
    sentManagerKey: row.sent_manager_key !== 0,
    sentScopesExclude: row.sent_scopes_exclude === null ? null : row.sent_scopes_exclude !== 0,
  };
}
