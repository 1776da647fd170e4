/** Slows guessing: failed logins from one address for one identifier are answered ever later. A right key never waits. */
import { setTimeout as sleep } from "node:timers/promises";

const windowMilliseconds = 60_000;
/** A person who mistypes, or a fleet with an old key, is not slowed. */
const freeFailures = 10;
const stepMilliseconds = 250;
const longestMilliseconds = 5_000;
const rememberedPairs = 10_000;

export class FailedLogins {
  /** Address and identifier → failures in the window that ends `until`. Oldest first. */
  readonly #failures = new Map<string, { count: number; readonly until: number }>();

  /** Counts a failure; resolved when it may be answered. */
  async slowDown(address: string, identifier: string): Promise<void> {
    const wait = this.#delayOf(address, identifier, Date.now());
    if (wait > 0) await sleep(wait, undefined, { ref: false });
  }

  #delayOf(address: string, identifier: string, now: number): number {
    for (const [pair, { until }] of this.#failures) {
      if (until > now && this.#failures.size < rememberedPairs) break;
      this.#failures.delete(pair);
    }
    const pair = JSON.stringify([address, identifier]);
    const known = this.#failures.get(pair);
    if (known === undefined || known.until <= now) {
      this.#failures.delete(pair);
      this.#failures.set(pair, { count: 1, until: now + windowMilliseconds });
      return 0;
    }
    known.count += 1;
    return Math.min(longestMilliseconds, Math.max(0, known.count - freeFailures) * stepMilliseconds);
  }
}
