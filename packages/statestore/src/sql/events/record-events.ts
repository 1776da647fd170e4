import type { Actor } from "../../state-store.ts";
import { type EventKind, kindCode } from "../codes.ts";
import { internAgent } from "../interned/intern-agent.ts";
import { sql, statement } from "../statement.ts";
import { storable } from "../storable-text.ts";
import type { Transaction } from "../transaction.ts";

export interface EventRow {
  /** Ids of the store. */
  readonly task?: number | null;
  readonly network?: number | null;
  readonly from?: string | number | null;
  readonly to?: string | number | null;
}

/** Who changed something and why, as rows of the log name them. A type and not an interface: it is a part of the parameters of statements. */
export type Author = {
  readonly identity: number | null;
  readonly service: number | null;
  readonly strategy: number | null;
  readonly reason: string | null;
};

const insert = statement<Author & { events: string; at: number; kind: number }>(
  (p, d) => sql`
    insert into event (at, kind, task, network, was, became, identity, service, strategy, reason)
    select cast(${p.at} as bigint), cast(${p.kind} as smallint), task, network, was, became, cast(${p.identity} as bigint),
      cast(${p.service} as bigint), cast(${p.strategy} as bigint), cast(${p.reason} as text)
    from ${d.rows(p.events, { task: "bigint", network: "bigint", was: "text", became: "text" })} as e order by ord`,
);

/** Appends one row for each change, in the transaction that makes them. */
export async function recordEvents(tx: Transaction, kind: EventKind, events: readonly EventRow[], actor: Actor): Promise<void> {
  if (events.length === 0) return;
  await tx.run(insert, {
    events: JSON.stringify(events.map(({ task, network, from, to }) => [task ?? null, network ?? null, word(from), word(to)])),
    at: tx.now,
    kind: kindCode(kind),
    ...(await authorOf(tx, actor)),
  });
}

/** For a statement that writes its rows of the log by itself. */
export async function authorOf(tx: Transaction, actor: Actor): Promise<Author> {
  return {
    identity: await internAgent(tx, actor.identity),
    service: await internAgent(tx, actor.service),
    strategy: await internAgent(tx, actor.strategy),
    reason: actor.reason === undefined ? null : storable(actor.reason),
  };
}

function word(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
