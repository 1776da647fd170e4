import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const selectLast = statement<Record<never, never>, { id: number | null }>(() => sql`select max(id) as id from result`);

/** The id of the last result: one transaction writes at a time, so ids are seen in their order. */
export async function resultHorizon(tx: Transaction): Promise<number> {
  return (await tx.first(selectLast, {}))?.id ?? 0;
}
