import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const select = statement<Record<never, never>, { version: number }>(
  () => sql`select max(version) as version from schema_version`,
);
const insert = statement(() => sql`insert into schema_version (version, applied) values (-1, 0)`);
const remove = statement(() => sql`delete from schema_version where version = -1`);

/** A trivial read, and a write that leaves nothing: that the store can be read and written now. */
export async function checkStore(tx: Transaction): Promise<void> {
  await tx.first(select, {});
  await tx.run(insert, {});
  await tx.run(remove, {});
}
