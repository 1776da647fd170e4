import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const forget = statement<{ id: string }>((p) => sql`delete from api_process where id = ${p.id}`);
const giveUp = statement<{ id: string }>((p) => sql`delete from lease where holder = ${p.id}`);

/** A process stops: what it held is free for others at once. */
export async function leave(tx: Transaction, id: string): Promise<void> {
  await tx.run(forget, { id });
  await tx.run(giveUp, { id });
}
