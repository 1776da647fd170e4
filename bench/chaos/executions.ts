import type { ScopedKey } from "@alchemiscale/contract";

/** From a service learning that it has a Task to the moment when it can no longer be working on it. Milliseconds of one clock. */
export interface Execution {
  readonly task: ScopedKey;
  /** Compute service id. */
  readonly service: string;
  readonly begin: number;
  /** Null while it goes on. */
  end: number | null;
}

/** A time at which a service showed the server that it lives. */
export interface SignOfLife {
  readonly service: string;
  readonly at: number;
}

export interface Overlap {
  readonly task: ScopedKey;
  readonly services: readonly [string, string];
  readonly at: number;
  /** Whether the first service was still live by the rule of the server, that is, had shown itself within the expiry before. */
  readonly firstWasLive: boolean;
}

/**
 * Pairs of executions of one Task that went on at the same time. That is wrong where the first service was live; where it had been silent for
 * longer than the expiry, the server could not know better (compute-api §6).
 */
export function overlaps(executions: readonly Execution[], signs: readonly SignOfLife[], expiryMs: number): Overlap[] {
  const ofTask = Map.groupBy(executions, ({ task }) => task);
  const signsOf = Map.groupBy(signs, ({ service }) => service);
  const wasLive = (service: string, at: number): boolean =>
    (signsOf.get(service) ?? []).some((sign) => sign.at <= at && sign.at > at - expiryMs);
  const found: Overlap[] = [];
  for (const [task, list] of ofTask) {
    const sorted = list.toSorted((a, b) => a.begin - b.begin);
    sorted.forEach((later, i) => {
      for (const earlier of sorted.slice(0, i)) {
        if (earlier.service === later.service) continue;
        if (earlier.end !== null && earlier.end <= later.begin) continue;
        found.push({
          task,
          services: [earlier.service, later.service],
          at: later.begin,
          firstWasLive: wasLive(earlier.service, later.begin),
        });
      }
    });
  }
  return found;
}
