import type { Flag, FlagCode } from "./flag.ts";

/** Gathers flags of several results into one for each code: the first message, and how many results it is true of. */
export class CollectedFlags {
  readonly #byCode = new Map<FlagCode, { message: string; results: Set<string> }>();

  /** Adds what was found in one result. */
  addOf(resultKey: string, { code, message }: Flag): void {
    const known = this.#byCode.get(code);
    if (known === undefined) this.#byCode.set(code, { message: `${resultKey}: ${message}`, results: new Set([resultKey]) });
    else known.results.add(resultKey);
  }

  /** Adds what is true of all results together. */
  add(code: FlagCode, message: string): void {
    if (!this.#byCode.has(code)) this.#byCode.set(code, { message, results: new Set() });
  }

  /** One a code, in the order in which they came. */
  list(): Flag[] {
    return [...this.#byCode].map(([code, { message, results }]) => ({
      code,
      message:
        results.size > 1
          ? `${message} (and ${results.size - 1} more such ${results.size === 2 ? "result" : "results"})`
          : message,
    }));
  }
}
