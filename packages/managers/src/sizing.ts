/** How many services to start: upstream's formula (compute-api §9.2). */

export interface Sizing {
  /** That could be claimed now. */
  readonly tasks: number;
  /** Services there are, registered or on their way. */
  readonly active: number;
  readonly maxServices: number;
  readonly maxPerCycle: number;
  /** Tasks that one service claims at once. */
  readonly claimLimit: number;
}

/** At least one where there is anything to do and room for it. */
export function servicesWanted({ tasks, active, maxServices, maxPerCycle, claimLimit }: Sizing): number {
  const room = maxServices - active;
  if (tasks <= 0 || room <= 0) return 0;
  return Math.max(1, Math.floor(Math.min(tasks, maxPerCycle, room) / claimLimit));
}

/** Part of the services that may be which are; more than allowed counts as all. */
export function saturation(active: number, maxServices: number): number {
  return Math.min(1, active / maxServices);
}
