/** Slows guessing: failed logins from one address for one identifier are answered ever later. A right key never waits. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const windowMilliseconds = 60_000;
/** A person who mistypes, or a fleet with an old key, is not slowed. */
const freeFailures = 10;
const stepMilliseconds = 250;
const longestMilliseconds = 5_000;
const rememberedPairs = 10_000;
const rightForMilliseconds = 24 * 3600_000;

/** Whose key is looked at sooner when many wait: pairs that logged in of late, then new ones, then those that fail all the time. */
export type LoginRank = 0 | 1 | 2;

export class FailedLogins {
  /** Pair → failures in the window that ends `until`. Oldest first. */
  readonly #failures = new Map<string, { count: number; readonly until: number }>();
  /** Pair → until when its last right login counts. Oldest first. */
  readonly #right = new Map<string, number>();
  readonly #closing: AbortSignal | undefined;

  /** @param closing answers at once whoever waits: the server ends */
  constructor(closing?: AbortSignal) {
    this.#closing = closing;
  }

  /** Counts a failure; resolved when it may be answered. */
  async slowDown(address: string, identifier: string): Promise<void> {
    const wait = this.#delayOf(pairOf(address, identifier), Date.now());
    if (wait === 0) return;
    const signal = this.#closing;
    await sleep(wait, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(() => {});
  }

  succeeded(address: string, identifier: string): void {
    const pair = pairOf(address, identifier);
    this.#right.delete(pair);
    for (const oldest of this.#right.keys()) {
      if (this.#right.size < rememberedPairs) break;
      this.#right.delete(oldest);
    }
    this.#right.set(pair, Date.now() + rightForMilliseconds);
  }

  rankOf(address: string, identifier: string): LoginRank {
    const pair = pairOf(address, identifier);
    const now = Date.now();
    const failures = this.#failures.get(pair);
    if (failures !== undefined && failures.until > now && failures.count > freeFailures) return 2;
    return (this.#right.get(pair) ?? 0) > now ? 0 : 1;
  }

  #delayOf(pair: string, now: number): number {
    for (const [each, { until }] of this.#failures) {
      if (until > now && this.#failures.size < rememberedPairs) break;
      this.#failures.delete(each);
    }
    const known = this.#failures.get(pair);
    if (known === undefined || known.until <= now) {
      this.#failures.delete(pair);
      this.#failures.set(pair, { count: 1, until: now + windowMilliseconds });
      return 0;
    }
    known.count += 1;
    return Math.min(longestMilliseconds, Math.max(0, known.count - freeFailures) * stepMilliseconds);
  }

  /** Pairs that are kept in memory, of failures and of right logins; for tests. */
  get remembered(): number {
    return this.#failures.size + this.#right.size;
  }
}

/** Identifiers are as long as whoever guesses likes; a digest is not. */
export function pairOf(address: string, identifier: string): string {
  return createHash("sha256")
    .update(JSON.stringify([address, identifier]))
    .digest("base64");
}
