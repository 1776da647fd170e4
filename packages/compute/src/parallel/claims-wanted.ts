/** How many Tasks to ask for: a pure function, so that there are just enough ahead to keep the resources busy. */

export interface HouseState {
  /** Units that could start at once if they were there: places on GPUs where Tasks use them, else free cores. */
  readonly freePlaces: number;
  /** Units that could start but for a place. */
  readonly readyUnits: number;
  /** Tasks claimed whose units are not known yet. */
  readonly onTheWay: number;
  /** Tasks claimed and not yet sent. */
  readonly tasks: number;
  /** Results that wait to be sent. */
  readonly unsent: number;
  /** Tasks that `max_tasks` still allows; null = any number. */
  readonly allowed: number | null;
}

export interface ClaimRules {
  /** Tasks to hold ready beyond what fills the places; null = from the latency. */
  readonly ahead: number | null;
  /** The most Tasks at once; null = no such limit. */
  readonly mostTasks: number | null;
  /** The most Tasks in one request. */
  readonly mostAtOnce: number;
  /** Results that may wait before no more is claimed. */
  readonly mostUnsent: number;
  /** Milliseconds from asking for a Task until its first unit can start, of late. */
  readonly latencyMs: number;
  /** Milliseconds between two starts of first units while all places were taken, of late; null before there were two. */
  readonly taskEveryMs: number | null;
}

const mostAhead = 16;

export function claimsWanted(house: HouseState, rules: ClaimRules): number {
  if (house.unsent >= rules.mostUnsent) return 0;
  const ahead = rules.ahead ?? tasksAhead(rules.latencyMs, rules.taskEveryMs);
  return Math.max(
    0,
    Math.min(
      house.freePlaces + ahead - house.readyUnits - house.onTheWay,
      rules.mostTasks === null ? Number.POSITIVE_INFINITY : rules.mostTasks - house.tasks,
      house.allowed ?? Number.POSITIVE_INFINITY,
      rules.mostAtOnce,
    ),
  );
}

/** As many as are used up while one more is on its way; at least one. */
export function tasksAhead(latencyMs: number, taskEveryMs: number | null): number {
  if (taskEveryMs === null || taskEveryMs <= 0) return 1;
  return Math.min(mostAhead, Math.max(1, Math.ceil(latencyMs / taskEveryMs)));
}
