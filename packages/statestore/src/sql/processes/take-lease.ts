import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

const take = statement<{ name: string; holder: string; now: number; until: number }>(
  (p) => sql`
    insert into lease (name, holder, until) values (${p.name}, ${p.holder}, ${p.until})
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where lease.holder = excluded.holder or lease.until < ${p.now}`,
);

/** Takes or prolongs a duty that one process has at a time; false while another one has it. */
export async function takeLease(tx: Transaction, name: string, holder: string, seconds: number): Promise<boolean> {
  return (await tx.run(take, { name, holder, now: tx.now, until: tx.now + Math.ceil(seconds * 1e6) })) > 0;
}
