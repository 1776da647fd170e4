import type { RetrievedResult } from "./retrieved-result.ts";

/**
 * Results that can be had in two ways:
 *
 * - `await listing` gives their references only, by one small request;
 * - `for await (const result of listing)` gives the results themselves, one at a time. Each loop asks anew.
 *
 * Nothing is asked for before one of the two. Leaving the loop early ends the requests. What an `async` function returns is awaited: there
 * it becomes the references.
 */
export class ResultListing<References> implements PromiseLike<References>, AsyncIterable<RetrievedResult> {
  readonly #list: () => Promise<References>;
  readonly #retrieve: () => AsyncGenerator<RetrievedResult, void>;
  #listed: Promise<References> | undefined;

  constructor(list: () => Promise<References>, retrieve: () => AsyncGenerator<RetrievedResult, void>) {
    this.#list = list;
    this.#retrieve = retrieve;
  }

  /** The references; asked for once. */
  references(): Promise<References> {
    this.#listed ??= this.#list();
    return this.#listed;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a listing is one of its two uses
  then<A = References, B = never>(
    onListed?: ((references: References) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.references().then(onListed, onFailed);
  }

  catch<B = never>(onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<References | B> {
    return this.references().catch(onFailed);
  }

  [Symbol.asyncIterator](): AsyncGenerator<RetrievedResult, void> {
    return this.#retrieve();
  }
}
