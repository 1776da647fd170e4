/** Which of the smallest keys of several classes are taken, and what that does to the clocks of their levels. */
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";

/** A claimable Task of a hub. */
export interface Candidate {
  readonly task: number;
  readonly class: number;
  /** 64-bit, as text. */
  readonly priority: string;
  readonly draw: number;
  /** Of its level: (hub, class, priority). */
  readonly clock: number;
}

/**
 * The first `count` of all classes: by priority, then by what is left of their keys. Each list is in the order (priority, draw).
 *
 * Clocks are kept a class, so that a claim for one class alone does not age the keys of the others. What is left of a key, `draw − clock`,
 * is exponential with the Task's weight in every class, so the smallest over all is the weighted draw over all.
 */
export function pickCandidates(heads: readonly (readonly Candidate[])[], count: number): Candidate[] {
  const [only] = heads;
  if (heads.length === 1 && only !== undefined) return only.slice(0, count);
  const levels = new Map<string, bigint>();
  const level = (priority: string): bigint => {
    let value = levels.get(priority);
    if (value === undefined) {
      value = BigInt(priority);
      levels.set(priority, value);
    }
    return value;
  };
  return heads
    .flat()
    .sort((a, b) => {
      const [p, q] = [level(a.priority), level(b.priority)];
      return p < q ? -1 : p > q ? 1 : left(a) - left(b);
    })
    .slice(0, count);
}

function left(candidate: Candidate): number {
  return Math.max(0, candidate.draw - candidate.clock);
}

const setClock = statement<{ network: number; class: number; priority: bigint; clock: number }>(
  (p) => sql`
    insert into draw_clock (network, class, priority, clock) values (${p.network}, ${p.class}, ${p.priority}, ${p.clock})
    on conflict (network, class, priority) do update set clock = excluded.clock`,
);
const resetClock = statement<{ network: number; class: number; priority: bigint }>(
  (p) => sql`delete from draw_clock where network = ${p.network} and class = ${p.class} and priority = ${p.priority}`,
);

export interface ClockChange {
  readonly class: number;
  readonly priority: string;
  /** Null where the level is empty now: it starts from 0 again, which keeps clocks small for ever. */
  readonly clock: number | null;
}

/**
 * Where the clocks stand after the picks. All classes that took part in a level have aged by the same: by what was left of the last key
 * drawn there. `heads` hold one candidate more than can be picked, which shows whether a level is empty now.
 */
function clocksAfter(heads: readonly (readonly Candidate[])[], picked: readonly Candidate[]): ClockChange[] {
  const ages = new Map<string, number>();
  for (const candidate of picked) ages.set(candidate.priority, Math.max(ages.get(candidate.priority) ?? 0, left(candidate)));
  const taken = new Set(picked);
  const changes: ClockChange[] = [];
  for (const head of heads) {
    for (const [priority, age] of ages) {
      const here = head.filter((candidate) => candidate.priority === priority);
      const [first] = here;
      if (first === undefined) continue;
      const remain = here.some((candidate) => !taken.has(candidate));
      changes.push({ class: first.class, priority, clock: remain ? first.clock + age : null });
    }
  }
  return changes;
}

export async function advanceClocks(
  tx: Transaction,
  network: number,
  heads: readonly (readonly Candidate[])[],
  picked: readonly Candidate[],
): Promise<void> {
  for (const { class: classId, priority, clock } of clocksAfter(heads, picked)) {
    const level = { network, class: classId, priority: BigInt(priority) };
    if (clock === null) await tx.run(resetClock, level);
    else await tx.run(setClock, { ...level, clock });
  }
}
