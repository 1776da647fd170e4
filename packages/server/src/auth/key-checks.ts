/** Compares keys with their hashes, a few at a time: each takes a fifth of a second of a thread that files and compression need too. */
import { availableParallelism } from "node:os";
import type { LoginRank } from "./failed-logins.ts";
import { isKeyOf } from "./key-hash.ts";

interface Check {
  readonly key: string;
  readonly hashed: string;
  readonly answer: (right: boolean) => void;
}

/** Node has four threads for such work; one stays free for everything else. */
const atOnce = Math.min(3, availableParallelism());

/**
 * Those who wait are served by rank, and within a rank the pairs of address and identifier take turns: however many guesses one of them
 * sends, another one waits for a single guess of it.
 */
export class KeyChecks {
  readonly #compare: (key: string, hashed: string) => Promise<boolean>;
  /** A list for each rank: pair → its checks, oldest first. The pair whose turn it is stands first. */
  readonly #waiting: readonly Map<string, Check[]>[] = [new Map(), new Map(), new Map()];
  #running = 0;

  constructor(compare: (key: string, hashed: string) => Promise<boolean> = isKeyOf) {
    this.#compare = compare;
  }

  isKeyOf(key: string, hashed: string, pair: string, rank: LoginRank): Promise<boolean> {
    return new Promise((answer) => {
      const pairs = this.#waiting[rank];
      const checks = pairs?.get(pair);
      if (checks === undefined) pairs?.set(pair, [{ key, hashed, answer }]);
      else checks.push({ key, hashed, answer });
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < atOnce) {
      const next = this.#next();
      if (next === undefined) return;
      this.#running += 1;
      void this.#run(next);
    }
  }

  async #run({ key, hashed, answer }: Check): Promise<void> {
    const right = await this.#compare(key, hashed).catch(() => false);
    this.#running -= 1;
    this.#start();
    answer(right);
  }

  #next(): Check | undefined {
    for (const pairs of this.#waiting) {
      for (const [pair, checks] of pairs) {
        const check = checks.shift();
        pairs.delete(pair);
        if (checks.length > 0) pairs.set(pair, checks);
        if (check !== undefined) return check;
      }
    }
    return undefined;
  }
}
