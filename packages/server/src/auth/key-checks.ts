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

/** Which rank is served next; where nobody of it waits, the first that has somebody. None waits for ever. */
const turns = [0, 1, 0, 1, 2] as const;

/**
 * Ranks take turns, the better ones more often, and within a rank the pairs of address and identifier do: however many guesses one of
 * them sends, another one waits for a few of them only.
 */
export class KeyChecks {
  readonly #compare: (key: string, hashed: string) => Promise<boolean>;
  /** A list for each rank: pair → its checks, oldest first. The pair whose turn it is stands first. */
  readonly #waiting: readonly Map<string, Check[]>[] = [new Map(), new Map(), new Map()];
  #running = 0;
  #turn = 0;

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
    this.#turn = (this.#turn + 1) % turns.length;
    for (const pairs of [this.#waiting[turns[this.#turn] ?? 0] ?? new Map<string, Check[]>(), ...this.#waiting]) {
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
