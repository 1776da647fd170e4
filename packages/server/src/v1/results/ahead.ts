/** Work on a sequence that is begun a little before its turn. */

/** One piece of work under way: what it is for, and how it is given up unused. */
export interface Begun<T> {
  readonly value: Promise<T>;
  readonly drop: () => Promise<void>;
}

/**
 * `begin` for each of `source`, in order, `depth` of them ahead of the one that is asked for. Leaving the loop early drops what was begun.
 */
export async function* ahead<S, T>(source: AsyncIterable<S>, depth: number, begin: (item: S) => Begun<T>): AsyncGenerator<T> {
  const begun: Begun<T>[] = [];
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      while (!ended && begun.length < depth) {
        const next = await iterator.next();
        if (next.done === true) ended = true;
        else {
          const work = begin(next.value);
          // A failure is told in its turn.
          work.value.catch(() => {});
          begun.push(work);
        }
      }
      const first = begun.shift();
      if (first === undefined) return;
      yield await first.value;
    }
  } finally {
    await Promise.all(begun.map((work) => work.drop()));
    await iterator.return?.();
  }
}
