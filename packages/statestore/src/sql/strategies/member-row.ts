/** The members of a network's strategy as the database holds them. */
import type { ScopedKey, StackRole, StackUntil, StrategyStatus } from "@alchemiscale/contract";
import type { MemberOutcome, MemberRules, StoredMember } from "../../strategy-operations.ts";
import { joinKey } from "../scoped-keys.ts";
import { sql, statement } from "../statement.ts";
import { storableOrNull } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

interface MemberRow {
  readonly key: string;
  readonly weight: number;
  readonly role: StackRole;
  readonly until_word: StackUntil;
  readonly max_gpu_hours: number | null;
  readonly status: StrategyStatus;
  readonly exception_type: string | null;
  readonly exception_message: string | null;
  readonly traceback: string | null;
}

const select = statement<{ network: number }, MemberRow>(
  (p) => sql`
    select o.key as key, m.weight as weight, m.role as role, m.until_word as until_word, m.max_gpu_hours as max_gpu_hours,
      m.status as status, m.exception_type as exception_type, m.exception_message as exception_message, m.traceback as traceback
    from strategy_member m cross join object o where m.network = ${p.network} and o.id = m.object order by m.position`,
);
const remove = statement<{ network: number }>((p) => sql`delete from strategy_member where network = ${p.network}`);
const insert = statement<{ network: number; members: string; status: string }>(
  (p, d) => sql`
    insert into strategy_member (network, position, object, weight, role, until_word, max_gpu_hours, status)
    select cast(${p.network} as bigint), ord, object, weight, role, until_word, max_gpu_hours, cast(${p.status} as text)
    from ${d.rows(p.members, {
      object: "bigint",
      weight: "double precision",
      role: "text",
      until_word: "text",
      max_gpu_hours: "double precision",
    })} as m where true`,
);
const update = statement<{ network: number; members: string }>(
  (p, d) => sql`
    update strategy_member set status = i.status, exception_type = i.exception_type, exception_message = i.exception_message, traceback = i.traceback
    from ${d.rows(p.members, { status: "text", exception_type: "text", exception_message: "text", traceback: "text" })} as i
    where strategy_member.network = ${p.network} and strategy_member.position = i.ord`,
);

/** In the order of the stack. */
export async function selectMembers(tx: Transaction, network: number, scope: string): Promise<StoredMember[]> {
  return (await tx.all(select, { network })).map((row) => ({
    strategy: joinKey(row.key, scope) as ScopedKey,
    weight: row.weight,
    role: row.role,
    until: row.until_word,
    maxGpuHours: row.max_gpu_hours,
    status: row.status,
    exception: row.exception_type === null ? null : [row.exception_type, row.exception_message ?? ""],
    traceback: row.traceback,
  }));
}

/** Instead of those before. */
export async function replaceMembers(
  tx: Transaction,
  network: number,
  members: readonly (MemberRules & { readonly object: number })[],
  status: StrategyStatus = "awake",
): Promise<void> {
  await tx.run(remove, { network });
  const rows = members.map(({ object, weight, role, until, maxGpuHours }) => [object, weight, role, until, maxGpuHours]);
  if (rows.length > 0) await tx.run(insert, { network, members: JSON.stringify(rows), status });
}

export async function updateMembers(tx: Transaction, network: number, outcomes: readonly MemberOutcome[]): Promise<void> {
  const rows = outcomes.map(({ status, exception, traceback }) => [
    status,
    storableOrNull(exception?.[0] ?? null),
    storableOrNull(exception?.[1] ?? null),
    storableOrNull(traceback),
  ]);
  await tx.run(update, { network, members: JSON.stringify(rows) });
}
